/*
 * How AddressSanitizer runs in the fuzz targets, which allocate much and live briefly: short stack
 * traces of allocations, and freed memory that soon is used again, make them half as fast again.
 */
const char *__asan_default_options(void);

const char *__asan_default_options(void)
{
  return "malloc_context_size=4:quarantine_size_mb=8:thread_local_quarantine_size_kb=64";
}
