// Black-76 price and five Greeks: the formula of risk/batch/option-pricer.ts, with the C library's exp and log.
#include "options.hpp"
#include <algorithm>
#include <cmath>

// W. J. Cody, Math. Comp. 23 (1969), the same ranges as risk/statistics/error-function.ts.
static inline double centralErf(double x) {
  const double z = x * x;
  return x *
         ((((0.18577770618460315 * z + 3.1611237438705655) * z + 113.86415415105016) * z + 377.485237685302) * z +
          3209.3775891384694) /
         ((((z + 23.601290952344122) * z + 244.02463793444417) * z + 1282.6165260773723) * z + 2844.236833439171);
}
static inline double scaledTail(double y) {
  if (y <= 4)
    return ((((((((2.1531153547440383e-8 * y + 0.5641884969886701) * y + 8.883149794388377) * y + 66.11919063714163) *
                  y + 298.6351381974001) * y + 881.952221241769) * y + 1712.0476126340707) * y + 2051.0783778260716) *
                y + 1230.3393547979972) /
           ((((((((y + 15.744926110709835) * y + 117.6939508913125) * y + 537.1811018620099) * y + 1621.3895745666903) *
                  y + 3290.7992357334597) * y + 4362.619090143247) * y + 3439.3676741437216) *
                y + 1230.3393548037495);
  const double z = 1 / (y * y);
  const double top = ((((0.016315387137302097 * z + 0.30532663496123236) * z + 0.36034489994980445) * z +
                       0.12578172611122926) * z + 0.016083785148742275) * z + 0.0006587491615298378;
  const double bottom = ((((z + 2.568520192289822) * z + 1.8729528499234673) * z + 0.5279051029514285) * z +
                         0.06051834131244132) * z + 0.0023352049762686918;
  return (0.5641895835477563 - z * top / bottom) / y;
}
static inline double lowerTail(double d, double density) {
  const double y = std::fabs(d) * M_SQRT1_2;
  if (y <= 0.46875) return 0.5 + 0.5 * centralErf(d * M_SQRT1_2);
  const double tail = 0.5 * density * scaledTail(y);
  return d > 0 ? 1 - tail : tail;
}

int main(int, char **arguments) {
  OptionSet options = readOptions(arguments[1]);
  auto &[forward, strike, tau, volatility, df, isCall, price, delta, gamma, vega, theta, rho] = options;
  const size_t count = options.size();
  return serve(
      [&] {
        for (size_t i = 0; i < count; i++) {
          const double F = forward[i], K = strike[i], T = tau[i], vol = volatility[i], discount = df[i];
          const bool call = isCall[i] != 0;
          const double root = std::sqrt(T), s = vol * root;
          const double rate = discount == 1 ? 0 : -std::log(discount) / T;
          const bool inverted = F > K;
          const double low = inverted ? K : F, high = inverted ? F : K, ratio = low / high;
          const double d1 = std::log(ratio) / s + 0.5 * s, d2 = d1 - s;
          const double density = std::exp(-0.5 * d1 * d1);
          const double y1 = std::fabs(d1) * M_SQRT1_2;
          double below, above;
          if (y1 <= 0.46875) {
            const double half = 0.5 * centralErf(d1 * M_SQRT1_2);
            below = 0.5 + half;
            above = 0.5 - half;
          } else {
            const double tail = 0.5 * density * scaledTail(y1);
            below = d1 > 0 ? 1 - tail : tail;
            above = d1 > 0 ? tail : 1 - tail;
          }
          const double lower = lowerTail(d2, density * ratio);
          const double otm = std::max(0.0, low * below - high * lower);
          const double weight = discount * low * density * 0.3989422804014327;
          price[i] = discount * (inverted == call ? high - low + otm : otm);
          delta[i] = discount * (inverted ? (call ? 1 - lower : -lower) : call ? below : -above);
          gamma[i] = weight / (F * F * s);
          vega[i] = weight * root;
          theta[i] = rate * price[i] - vega[i] * vol / (2 * T);
          rho[i] = -T * price[i];
        }
      },
      [&] { return options.checksum(); });
}
