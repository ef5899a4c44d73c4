#include "capture/file_format.h"

#include "capture/language.h"
#include "capture/netmon_file.h"
#include "capture/pcap_file.h"
#include "capture/pcapng_file.h"
#include "capture/snoop_file.h"

static void *open_pcap(void)
{
  return g_new0(PcapFile, 1);
}

static void walk_pcap(void *state, Walk *walk)
{
  pcap_file_walk(state, walk);
}

static void *open_pcapng(void)
{
  PcapngFile *file = g_new(PcapngFile, 1);

  pcapng_file_init(file);
  return file;
}

static void walk_pcapng(void *state, Walk *walk)
{
  pcapng_file_walk(state, walk);
}

static void close_pcapng(void *state)
{
  pcapng_file_clear(state);
  g_free(state);
}

static void *open_snoop(void)
{
  return g_new0(SnoopFile, 1);
}

static void walk_snoop(void *state, Walk *walk)
{
  snoop_file_walk(state, walk);
}

static void *open_netmon(void)
{
  return g_new0(NetmonFile, 1);
}

static void walk_netmon(void *state, Walk *walk)
{
  netmon_file_walk(state, walk);
}

static const FileFormat FORMATS[] = {
  {"pcap", pcap_file_detect, open_pcap, walk_pcap, g_free},
  {"pcapng", pcapng_file_detect, open_pcapng, walk_pcapng, close_pcapng},
  {"snoop", snoop_file_detect, open_snoop, walk_snoop, g_free},
  {"NetMon", netmon_file_detect, open_netmon, walk_netmon, g_free},
};

#define MAGIC(literal)                                                                             \
  {                                                                                                \
    "" literal, sizeof(literal) - 1                                                                \
  }

/* By how they begin; of the compressions those that this build cannot decompress come here. */
static const struct {
  Slice magic;
  const char *what;
} UNREAD[] = {
  {MAGIC("TRSNIFF data"), N_("a Sniffer file; convert it with editcap")},
  {MAGIC("XCP\0"), N_("a NetXRay or Sniffer file; convert it with editcap")},
  {MAGIC("PK\x03\x04"), N_("a zip file; unpack it first")},
  {MAGIC("BZh"), N_("compressed by bzip2, which this build cannot read; unpack it first")},
  {MAGIC("\xfd\x37zXZ"), N_("compressed by xz, which this build cannot read; unpack it first")},
  {MAGIC("\x04\x22\x4d\x18"),
   N_("compressed by lz4, which this build cannot read; unpack it first")},
};

const FileFormat *file_format_of(Slice head)
{
  for (size_t i = 0; i < G_N_ELEMENTS(FORMATS); i++)
    if (FORMATS[i].detect(head))
      return &FORMATS[i];
  return NULL;
}

const char *file_format_unread(Slice head)
{
  for (size_t i = 0; i < G_N_ELEMENTS(UNREAD); i++)
    if (slice_starts_with(head, UNREAD[i].magic))
      return _(UNREAD[i].what);
  return NULL;
}
