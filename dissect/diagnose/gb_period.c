#include "dissect/diagnose/gb_period.h"

#include <stdlib.h>

enum { GAPS_LEAST = 2 };

static int compare_gaps(const void *a, const void *b)
{
  int64_t left = *(const int64_t *) a, right = *(const int64_t *) b;

  return left < right ? -1 : left > right;
}

int64_t gb_period_of(int64_t *gaps, size_t count)
{
  if (count < GAPS_LEAST)
    return 0;
  qsort(gaps, count, sizeof *gaps, compare_gaps);
  return gaps[count / 2];
}

int64_t gb_period_missed(int64_t gap_ns, int64_t period_ns)
{
  return period_ns > 0 ? MAX(0, (gap_ns - period_ns / 2) / period_ns) : 0;
}
