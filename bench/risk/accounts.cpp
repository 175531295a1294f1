// Worst scenario loss of every account on a priced grid: the same data, formula, tiles and blocks of eight columns as
// risk/batch, left to the compiler to vectorise.
#include "native.hpp"
#include <algorithm>
#include <cmath>

constexpr int BLOCK = 8;
constexpr int TILE = 256;

int main(int, char **arguments) {
  FILE *file = std::fopen(arguments[1], "rb");
  if (!file) return 2;
  const auto header = readArray<int32_t>(file);
  const int accounts = header[0], options = header[1], expiries = header[2], blocks = header[3];
  const auto accountGroups = readArray<int32_t>(file), groupExpiries = readArray<int32_t>(file);
  const auto groupStarts = readArray<int32_t>(file), positionOptions = readArray<int32_t>(file);
  const auto positionSizes = readArray<double>(file);
  const auto accountLinears = readArray<int32_t>(file), linearIds = readArray<int32_t>(file);
  const auto linearSizes = readArray<double>(file), linearPrices = readArray<double>(file);
  const auto matrix = readArray<double>(file), factors = readArray<double>(file);
  const auto columns = readArray<double>(file), forwardFactors = readArray<double>(file);
  std::fclose(file);
  std::vector<double> loss(accounts), value(accounts), linear(accounts);

  const auto sumGroup = [&](double (&sum)[BLOCK], const double *rows, int group) {
    for (int k = groupStarts[group]; k < groupStarts[group + 1]; k++) {
      const double *row = rows + positionOptions[k] * BLOCK;
      const double size = positionSizes[k];
      for (int j = 0; j < BLOCK; j++) sum[j] += size * row[j];
    }
  };
  const auto base = [&](int from, int to) {
    for (int a = from; a < to; a++) {
      double pnl[BLOCK], forward = 0, mark = 0;
      for (int j = 0; j < BLOCK; j++) pnl[j] = linear[a] * columns[j];
      for (int g = accountGroups[a]; g < accountGroups[a + 1]; g++) {
        double sum[BLOCK] = {0}, change[BLOCK];
        sumGroup(sum, matrix.data(), g);
        const double *factor = factors.data() + groupExpiries[g] * 2 * BLOCK;
        for (int j = 0; j < BLOCK; j++)
          change[j] = sum[j] * factor[j] + std::fabs(sum[j]) * factor[BLOCK + j] - sum[0] * columns[BLOCK + j];
        mark += change[0];
        forward += std::min(std::min(change[1], change[2]), 0.0) * forwardFactors[groupExpiries[g]];
        for (int j = 0; j < BLOCK; j++) pnl[j] -= std::fabs(change[j]);
      }
      double worst = std::min(0.0, forward);
      for (int j = 3; j < BLOCK; j++) worst = std::min(worst, pnl[j]);
      value[a] = mark;
      loss[a] = worst;
    }
  };
  const auto grid = [&](int from, int to, int block) {
    const double *rows = matrix.data() + static_cast<size_t>(block) * options * BLOCK;
    const double *perExpiry = factors.data() + block * expiries * 2 * BLOCK;
    const double *perColumn = columns.data() + block * 2 * BLOCK;
    for (int a = from; a < to; a++) {
      double pnl[BLOCK];
      for (int j = 0; j < BLOCK; j++) pnl[j] = linear[a] * perColumn[j] - value[a] * perColumn[BLOCK + j];
      for (int g = accountGroups[a]; g < accountGroups[a + 1]; g++) {
        double sum[BLOCK] = {0};
        sumGroup(sum, rows, g);
        const double *factor = perExpiry + groupExpiries[g] * 2 * BLOCK;
        for (int j = 0; j < BLOCK; j++) pnl[j] += sum[j] * factor[j] + std::fabs(sum[j]) * factor[BLOCK + j];
      }
      double worst = loss[a];
      for (int j = 0; j < BLOCK; j++) worst = pnl[j] < worst ? pnl[j] : worst;
      loss[a] = worst;
    }
  };
  return serve(
      [&] {
        for (int from = 0; from < accounts; from += TILE) {
          const int to = std::min(accounts, from + TILE);
          for (int a = from; a < to; a++) {
            double sum = 0;
            for (int k = accountLinears[a]; k < accountLinears[a + 1]; k++)
              sum += linearSizes[k] * linearPrices[linearIds[k]];
            linear[a] = sum;
          }
          base(from, to);
          for (int block = 1; block < blocks; block++) grid(from, to, block);
        }
      },
      [&] {
        double sum = 0;
        for (int a = 0; a < accounts; a++) sum += loss[a] + std::fabs(value[a]);
        return sum;
      });
}
