import { LATER } from '../../../gateway/app/examples/moments.ts';
import { storeDemoBook, storeOptionsBook } from '../../../gateway/demo/self-check.ts';
import { startTestDemo, type TestDemo } from '../../helpers/demo.ts';
import { until } from '../../helpers/until.ts';

const PATIENCE_MS = 300_000;

/**
 * The demo as somebody finds it who opens /docs: with its two accounts, a forecast of every asset, and the moments of the
 * examples behind it.
 */
export async function startExampleDemo(): Promise<TestDemo> {
  const demo = await startTestDemo();
  try {
    const says = (path: string, wanted: string) => async () =>
      JSON.stringify((await demo.ask(path)).body).includes(wanted);
    await until('usable prices', says('/ready', '4 of 4 feeds'), PATIENCE_MS);
    await storeDemoBook(demo.url, 'demo');
    await storeOptionsBook(demo.url, 'options');
    await until('forecasts', says('/ready', '4 of 4 assets'), PATIENCE_MS);
    const past = async () => (await demo.ask(`/v1/prices/BTC-USD/evidence?at=${LATER}`)).status === 200;
    await until('the moments of the examples to be over', past, PATIENCE_MS);
    return demo;
  } catch (error) {
    await demo.close();
    throw error;
  }
}
