// Reading of the data file and the clock, shared by the native programs.
#pragma once
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <vector>

template <class T> std::vector<T> readArray(FILE *file) {
  int64_t bytes = 0;
  if (std::fread(&bytes, 8, 1, file) != 1) std::exit(2);
  std::vector<T> values(bytes / sizeof(T));
  if (std::fread(values.data(), 1, bytes, file) != static_cast<size_t>(bytes)) std::exit(2);
  return values;
}

// CPU time of this process: what others do on the machine does not count.
inline double cpuSeconds() {
  timespec now;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return now.tv_sec + now.tv_nsec * 1e-9;
}

// One round per line on standard input; prints CPU seconds and checksum.
template <class Work, class Checksum> int serve(Work work, Checksum checksum) {
  for (int c; (c = std::getchar()) != EOF;) {
    if (c != '\n') continue;
    const double start = cpuSeconds();
    work();
    const double used = cpuSeconds() - start;
    std::printf("%.9f %.17g\n", used, checksum());
    std::fflush(stdout);
  }
  return 0;
}
