#include "ui/masked_copy.h"

#include <unistd.h>

#include "ui/scratch.h"

struct MaskedCopy {
  int fd;
  Selection *all;
  Masking masking;
  PacketSaveInput input;
  PacketSaveOptions options;
  PacketSave *save;
};

MaskedCopy *masked_copy_new(const Run *run, Pseudonyms *pseudonyms, GError **error)
{
  int fd = scratch_open(error);

  if (fd < 0)
    return NULL;
  MaskedCopy *copy = g_new0(MaskedCopy, 1);
  copy->fd = fd;
  copy->all = selection_new();
  copy->masking = (Masking){pseudonyms, {.user_agents = false}};
  copy->input = (PacketSaveInput){run->trace, run->source, run->stores, run->seed, &run->limits};
  copy->options = (PacketSaveOptions){
    .fd = fd,
    .name = "the masked copy",
    .format = WRITER_PCAPNG,
    .masking = &copy->masking,
    .with_media = true,
    .selection = copy->all,
  };
  selection_bind(copy->all, run->trace, run->stores);
  copy->save = packet_save_new(&copy->input, &copy->options);
  return copy;
}

void masked_copy_free(MaskedCopy *copy)
{
  if (!copy)
    return;
  packet_save_free(copy->save);
  selection_free(copy->all);
  if (copy->fd >= 0)
    close(copy->fd);
  g_free(copy);
}

bool masked_copy_step(MaskedCopy *copy, int64_t until_us)
{
  return packet_save_step(copy->save, until_us);
}

double masked_copy_progress(const MaskedCopy *copy)
{
  return packet_save_progress(copy->save);
}

int masked_copy_take(MaskedCopy *copy, MaskedLosses *ret_losses, GError **error)
{
  uint64_t packets;

  if (!packet_save_finish(copy->save, &packets, error))
    return -1;
  *ret_losses = packet_save_losses(copy->save);
  int fd = copy->fd;
  copy->fd = -1;
  return fd;
}
