// The same prices and Greeks by QuantLib's Black calculator, its shortest way to them.
#include "options.hpp"
#include <cmath>
#include <ql/pricingengines/blackcalculator.hpp>

int main(int, char **arguments) {
  OptionSet options = readOptions(arguments[1]);
  auto &[forward, strike, tau, volatility, df, isCall, price, delta, gamma, vega, theta, rho] = options;
  const size_t count = options.size();
  return serve(
      [&] {
        for (size_t i = 0; i < count; i++) {
          const double F = forward[i], T = tau[i];
          const QuantLib::BlackCalculator black(isCall[i] ? QuantLib::Option::Call : QuantLib::Option::Put, strike[i],
                                                F, volatility[i] * std::sqrt(T), df[i]);
          price[i] = black.value();
          delta[i] = black.deltaForward();
          gamma[i] = black.gammaForward();
          vega[i] = black.vega(T);
          theta[i] = black.theta(F, T);
          // theirs is at fixed spot, ours at fixed forward
          rho[i] = black.rho(T) - T * F * delta[i];
        }
      },
      [&] { return options.checksum(); });
}
