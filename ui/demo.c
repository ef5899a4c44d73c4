#include "ui/demo.h"

#include <unistd.h>

#include "capture/language.h"
#include "ui/demo_pcap.h"
#include "ui/report/out.h"
#include "ui/scratch.h"

bool demo_open(Options *options, GError **error)
{
  int fd = scratch_open(error);
  Out out;

  if (fd < 0)
    return false;
  out_init(&out, fd, _("a temporary file"));
  out_write(&out, slice_of((const char *) DEMO_PCAP, sizeof DEMO_PCAP));
  bool ok = out_finish(&out, error);
  out_clear(&out);
  if (!ok) {
    close(fd);
    return false;
  }
  scratch_path(fd, options->demo_path);
  options_read_file(options, options->demo_path);
  return true;
}
