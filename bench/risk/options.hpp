// The option set of a round, read from the data file, and what a round computes of each option.
#pragma once
#include "native.hpp"
#include <cmath>

struct OptionSet {
  std::vector<double> forward, strike, tau, volatility, df;
  std::vector<uint8_t> isCall;
  std::vector<double> price, delta, gamma, vega, theta, rho;

  // Members are read in the order in which they are declared, which is the order of the file.
  explicit OptionSet(FILE *file)
      : forward(readArray<double>(file)), strike(readArray<double>(file)), tau(readArray<double>(file)),
        volatility(readArray<double>(file)), df(readArray<double>(file)), isCall(readArray<uint8_t>(file)),
        price(size()), delta(size()), gamma(size()), vega(size()), theta(size()), rho(size()) {}

  size_t size() const { return forward.size(); }

  double checksum() const {
    double sum = 0;
    for (size_t i = 0; i < size(); i++)
      sum += price[i] + std::fabs(delta[i]) + gamma[i] + vega[i] + std::fabs(theta[i]) + std::fabs(rho[i]);
    return sum;
  }
};

inline OptionSet readOptions(const char *path) {
  FILE *file = std::fopen(path, "rb");
  if (!file) std::exit(2);
  OptionSet options(file);
  std::fclose(file);
  return options;
}
