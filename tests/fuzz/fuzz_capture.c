/* The readers of capture files, compressed ones too: any bytes as a file. */
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

#include "capture/source.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void read_all(const char *path, const char *filter)
{
  const char *const files[] = {path, NULL};
  g_autoptr(StoreSet) stores = store_set_new();
  g_autoptr(GError) error = NULL;
  g_autoptr(Source) source =
    source_open(&(SourceOptions){.files = files, .filter = filter}, stores, &error);
  FrameBatch batch = {0};

  while (source && source_read(source, &batch) != SOURCE_END)
    continue;
  frame_batch_clear(&batch);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  int fd = memfd_create("capture", MFD_CLOEXEC);
  g_autofree char *path = g_strdup_printf("/proc/self/fd/%d", fd);

  if (write(fd, data, size) == (ssize_t) size)
    read_all(path, size % 2 ? "udp port 5060" : NULL);
  close(fd);
  return 0;
}
