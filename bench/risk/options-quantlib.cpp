// The same prices and Greeks by QuantLib's Black calculator, its shortest way to them.
#include "native.hpp"
#include <cmath>
#include <ql/pricingengines/blackcalculator.hpp>

int main(int, char **arguments) {
  FILE *file = std::fopen(arguments[1], "rb");
  if (!file) return 2;
  const auto forward = readArray<double>(file), strike = readArray<double>(file), tau = readArray<double>(file);
  const auto volatility = readArray<double>(file), df = readArray<double>(file);
  const auto isCall = readArray<uint8_t>(file);
  std::fclose(file);
  const size_t count = forward.size();
  std::vector<double> price(count), delta(count), gamma(count), vega(count), theta(count), rho(count);
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
      [&] {
        double sum = 0;
        for (size_t i = 0; i < count; i++)
          sum += price[i] + std::fabs(delta[i]) + gamma[i] + vega[i] + std::fabs(theta[i]) + std::fabs(rho[i]);
        return sum;
      });
}
