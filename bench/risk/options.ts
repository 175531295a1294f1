import { type GreekColumns, type OptionColumns, priceOptions } from '../../risk/batch/option-pricer.ts';
import { blackGreeks } from '../../risk/pricing/black76.ts';
import { buildNative, NativeProgram, writeArrays } from '../native.ts';
import { cpuSeconds, median, printTable, sameChecksum, seeded } from '../timing.ts';

const COUNT = 100_000;
const ROUNDS = 11;
/** Exponential and logarithm differ in the last bit from the C library's. */
const TOLERANCE = 1e-12;
/** QuantLib takes its distribution function from another approximation. */
const QUANTLIB_TOLERANCE = 1e-10;

function makeOptions(): OptionColumns {
  const random = seeded(20250602);
  const column = () => new Float64Array(COUNT);
  const options = {
    forward: column(),
    strike: column(),
    tau: column(),
    volatility: column(),
    df: column(),
    isCall: new Uint8Array(COUNT),
  };
  for (let i = 0; i < COUNT; i++) {
    const tau = 1 / 365 + 2 * random() ** 3;
    const volatility = 0.3 + random();
    options.forward[i] = 60_000 * (0.9 + 0.2 * random());
    options.strike[i] = options.forward[i]! * Math.exp(volatility * Math.sqrt(tau) * 6 * (random() - 0.5));
    options.tau[i] = tau;
    options.volatility[i] = volatility;
    options.df[i] = Math.exp(-0.04 * tau);
    options.isCall[i] = i & 1;
  }
  return options;
}

function checksum(out: GreekColumns): number {
  let sum = 0;
  for (let i = 0; i < COUNT; i++) {
    sum += out.price[i]! + Math.abs(out.delta[i]!) + out.gamma[i]! + out.vega[i]!;
    sum += Math.abs(out.theta[i]!) + Math.abs(out.rho[i]!);
  }
  return sum;
}

/** (b) Prices with five Greeks per second and core. */
export async function optionsPerSecond(): Promise<void> {
  const options = makeOptions();
  const column = () => new Float64Array(COUNT);
  const out = {
    price: column(),
    delta: column(),
    gamma: column(),
    vega: column(),
    theta: column(),
    rho: column(),
  };
  const { forward, strike, tau, volatility, df, isCall } = options;
  const binary = buildNative(`${import.meta.dirname}/options.cpp`, 'options');
  const data = writeArrays('options.bin', [forward, strike, tau, volatility, df, isCall]);
  const native = binary === null ? null : new NativeProgram(binary, data);
  const library = buildNative(`${import.meta.dirname}/options-quantlib.cpp`, 'options-quantlib', [
    'QuantLib',
  ]);
  const quantlib = library === null ? null : new NativeProgram(library, data);
  const times = {
    batch: [] as number[],
    native: [] as number[],
    scalar: [] as number[],
    quantlib: [] as number[],
  };
  let nativeSum = Number.NaN;
  let quantlibSum = Number.NaN;
  let scalarSum = Number.NaN;
  try {
    for (let round = -3; round < ROUNDS; round++) {
      const inBatch = cpuSeconds(() => priceOptions(options, out, 0, COUNT));
      const inNative = await native?.round();
      const inQuantlib = await quantlib?.round();
      const inScalar = cpuSeconds(() => {
        scalarSum = 0;
        for (let i = 0; i < COUNT; i++) {
          const call = isCall[i] === 1;
          const g = blackGreeks(forward[i]!, strike[i]!, tau[i]!, volatility[i]!, df[i]!, call);
          scalarSum += g.price + Math.abs(g.delta) + g.gamma + g.vega + Math.abs(g.theta) + Math.abs(g.rho);
        }
      });
      if (inNative) nativeSum = inNative.checksum;
      if (inQuantlib) quantlibSum = inQuantlib.checksum;
      if (round < 0) continue;
      times.batch.push(inBatch);
      if (inNative) times.native.push(inNative.cpuSeconds);
      if (inQuantlib) times.quantlib.push(inQuantlib.cpuSeconds);
      times.scalar.push(inScalar);
    }
  } finally {
    native?.stop();
    quantlib?.stop();
  }
  const sum = checksum(out);
  sameChecksum('batch and scalar pricer', sum, scalarSum, TOLERANCE);
  if (native) sameChecksum('batch and C++', sum, nativeSum, TOLERANCE);
  if (quantlib) sameChecksum('batch and QuantLib', sum, quantlibSum, QUANTLIB_TOLERANCE);
  console.log(
    `(b) ${COUNT} option prices with five Greeks, per CPU second of one core, median of ${ROUNDS} rounds`,
  );
  const row = (name: string, values: number[], checksumOf: number) => [
    name,
    `${(COUNT / median(values) / 1e6).toFixed(2)} M/s`,
    (median(values) / median(times.batch)).toFixed(2),
    checksumOf.toPrecision(13),
  ];
  printTable([
    ['', 'options', 'batch / this', 'checksum'],
    row('batch', times.batch, sum),
    native ? row('C++ -O3 -march=native', times.native, nativeSum) : ['C++', 'absent: no g++', '-', '-'],
    quantlib
      ? row('QuantLib BlackCalculator', times.quantlib, quantlibSum)
      : ['QuantLib', 'absent: no header', '-', '-'],
    row('blackGreeks, one by one', times.scalar, scalarSum),
  ]);
}
