/*
 * How AddressSanitizer runs in the fuzz targets, which allocate much and live briefly: with short
 * stack traces of allocations, and freed memory that is soon used again, they are a quarter faster.
 */
const char *__asan_default_options(void);

const char *__asan_default_options(void)
{
  return "malloc_context_size=4:quarantine_size_mb=8:thread_local_quarantine_size_kb=64";
}
