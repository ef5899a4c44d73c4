#include "capture/writer.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "capture/error.h"
#include "capture/byte_stream.h"
#include "capture/language.h"
#include "capture/pcap_write.h"
#include "capture/walk.h"

enum {
  OVERHEAD_MAX = 1024, /* of a packet: all headers that may come with it */
  BUFFER_SIZE = PACKET_LEN_MAX + OVERHEAD_MAX,
};

struct Writer {
  WriterOptions options;
  bool began;             /* the file's header was written, */
  bool is_provisional;    /* with a link type that no frame had yet */
  uint16_t link_type;     /* of pcap */
  GHashTable *interfaces; /* of pcapng: input and link type -> number */
  Packer *packer;         /* NULL: there is nothing to pack yet */
  uint64_t written;       /* so far */
  size_t used;
  uint8_t *buffer; /* BUFFER_SIZE; NULL: nothing is written yet */
};

WriterFormat writer_format_of(const char *name)
{
  Slice bare = packing_strip(name), ending = SLICE(".pcapng");
  bool is_pcapng =
    bare.len >= ending.len && slice_eq(slice_from(bare, bare.len - ending.len), ending);

  return is_pcapng ? WRITER_PCAPNG : WRITER_PCAP;
}

Writer *writer_new(WriterOptions options)
{
  Writer *writer = g_new(Writer, 1);

  writer->options = options;
  writer->began = writer->is_provisional = false;
  writer->link_type = 0;
  writer->interfaces = g_hash_table_new(g_direct_hash, g_direct_equal);
  writer->used = 0;
  writer->written = 0;
  writer->packer = NULL;
  writer->buffer = NULL;
  return writer;
}

void writer_free(Writer *writer)
{
  if (!writer)
    return;
  g_hash_table_unref(writer->interfaces);
  writer_rest(writer);
  g_free(writer);
}

void writer_rest(Writer *writer)
{
  g_clear_pointer(&writer->packer, packer_free);
  g_clear_pointer(&writer->buffer, g_free);
}

void writer_go_on(Writer *writer, int fd)
{
  writer->options.fd = fd;
}

static bool fail_write(const Writer *writer, const char *why, GError **error)
{
  g_set_error(error, APP_ERROR, APP_ERROR_IO, _("cannot write %s: %s"), writer->options.name, why);
  return false;
}

static bool write_out(Writer *writer, Slice bytes, GError **error)
{
  bool is_packed = writer->options.packing != PACKING_NONE && bytes.len > 0;

  if (is_packed && !writer->packer)
    writer->packer = packer_new(writer->options.packing);
  Slice packed = is_packed ? packer_pack(writer->packer, bytes) : bytes;
  int failure = fd_write(writer->options.fd, packed);

  if (failure != 0)
    return fail_write(writer, g_strerror(failure), error);
  writer->written += packed.len;
  return true;
}

/* What was written of a buffer that did not fit as a whole. */
static void take_back(const Writer *writer, off_t start)
{
  if (start >= 0 && ftruncate(writer->options.fd, start) == 0)
    (void) lseek(writer->options.fd, start, SEEK_SET);
}

bool writer_flush(Writer *writer, GError **error)
{
  off_t start = lseek(writer->options.fd, 0, SEEK_CUR);

  if (!write_out(writer, slice_of((const char *) writer->buffer, writer->used), error)) {
    take_back(writer, start);
    return false;
  }
  writer->used = 0;
  return true;
}

static bool write_bytes(Writer *writer, const void *bytes, size_t len, GError **error)
{
  if (len > BUFFER_SIZE - writer->used && !writer_flush(writer, error))
    return false;
  if (len > BUFFER_SIZE)
    return write_out(writer, slice_of(bytes, len), error);
  if (!writer->buffer)
    writer->buffer = g_malloc(BUFFER_SIZE);
  if (len > 0)
    memcpy(writer->buffer + writer->used, bytes, len);
  writer->used += len;
  return true;
}

static bool begin_pcap(Writer *writer, uint16_t link_type, GError **error)
{
  uint8_t header[PCAP_FILE_HEADER_LEN];

  writer->began = true;
  writer->link_type = link_type;
  pcap_write_file_header(link_type, header);
  return write_bytes(writer, header, sizeof header, error);
}

/* The header is written again, with the link type of the first frame. */
static bool restart_pcap(Writer *writer, GError **error)
{
  writer->began = writer->is_provisional = false;
  writer->written = 0;
  return (lseek(writer->options.fd, 0, SEEK_SET) == 0 && ftruncate(writer->options.fd, 0) == 0) ||
         fail_write(writer, g_strerror(errno), error);
}

static bool add_to_pcap(Writer *writer, const Frame *frame, GError **error)
{
  uint8_t header[PCAP_RECORD_HEADER_LEN];

  if (writer->is_provisional && !restart_pcap(writer, error))
    return false;
  if (!writer->began && !begin_pcap(writer, frame->link_type, error))
    return false;
  if (frame->link_type != writer->link_type) {
    g_set_error(
      error, APP_ERROR, APP_ERROR_IO,
      _("cannot write %s: the packets have several link types (%u, %u), which only pcapng "
        "can hold; use a name that ends in .pcapng"),
      writer->options.name, writer->link_type, frame->link_type);
    return false;
  }
  if (frame->time_ns / 1000000000 > UINT32_MAX)
    return fail_write(writer, _("pcap has no times after 2106; use a name that ends in .pcapng"),
                      error);
  pcap_write_record_header(frame, header);
  return write_bytes(writer, header, sizeof header, error) &&
         write_bytes(writer, frame->data, frame->len, error);
}

static bool begin_pcapng(Writer *writer, GError **error)
{
  uint8_t block[PCAPNG_SECTION_LEN];

  writer->began = true;
  pcapng_write_section(block);
  return write_bytes(writer, block, sizeof block, error);
}

/* The number of the frame's interface, which is described when it is new. */
static bool describe_interface(Writer *writer, const Frame *frame, uint32_t *ret_number,
                               GError **error)
{
  gpointer key = GUINT_TO_POINTER((unsigned) frame->input << 16 | frame->link_type), number;
  uint8_t block[PCAPNG_INTERFACE_LEN_MAX];

  if (g_hash_table_lookup_extended(writer->interfaces, key, NULL, &number)) {
    *ret_number = GPOINTER_TO_UINT(number);
    return true;
  }
  *ret_number = g_hash_table_size(writer->interfaces);
  g_hash_table_insert(writer->interfaces, key, GUINT_TO_POINTER(*ret_number));
  bool known = frame->input < writer->options.input_count;
  const char *name = known ? writer->options.inputs[frame->input] : _("unknown");
  size_t len = pcapng_write_interface(frame->link_type, name, block);
  return write_bytes(writer, block, len, error);
}

static bool add_to_pcapng(Writer *writer, const Frame *frame, GError **error)
{
  uint8_t header[PCAPNG_PACKET_HEADER_LEN], trailer[PCAPNG_PACKET_TRAILER_MAX];
  uint32_t interface;

  if (!writer->began && !begin_pcapng(writer, error))
    return false;
  if (!describe_interface(writer, frame, &interface, error))
    return false;
  pcapng_write_packet_header(frame, interface, false, header);
  size_t trailer_len = pcapng_write_packet_trailer(frame, false, trailer);
  return write_bytes(writer, header, sizeof header, error) &&
         write_bytes(writer, frame->data, frame->len, error) &&
         write_bytes(writer, trailer, trailer_len, error);
}

bool writer_add(Writer *writer, const Frame *frame, GError **error)
{
  /* A write ends with a whole packet, so that the file can be read whatever comes between. */
  if (frame->len + (size_t) OVERHEAD_MAX > BUFFER_SIZE - writer->used &&
      !writer_flush(writer, error))
    return false;
  return writer->options.format == WRITER_PCAPNG ? add_to_pcapng(writer, frame, error)
                                                 : add_to_pcap(writer, frame, error);
}

bool writer_add_secrets(Writer *writer, Slice lines, GError **error)
{
  uint8_t header[PCAPNG_SECRETS_HEADER_LEN], trailer[PCAPNG_PACKET_TRAILER_MAX];

  g_assert(writer->options.format == WRITER_PCAPNG);
  if ((!writer->began && !begin_pcapng(writer, error)) || !writer_flush(writer, error))
    return false;
  while (lines.len > 0) {
    Slice part = slice_head(lines, PCAPNG_SECRETS_LEN_MAX);
    lines = slice_from(lines, part.len);
    pcapng_write_secrets_header((uint32_t) part.len, header);
    size_t len = pcapng_write_secrets_trailer((uint32_t) part.len, trailer);
    if (!write_bytes(writer, header, sizeof header, error) ||
        !write_bytes(writer, part.data, part.len, error) ||
        !write_bytes(writer, trailer, len, error))
      return false;
  }
  bool ok = writer_flush(writer, error);
  explicit_bzero(writer->buffer, BUFFER_SIZE);
  return ok;
}

static bool begin_empty(Writer *writer, GError **error)
{
  return writer->options.format == WRITER_PCAPNG
           ? begin_pcapng(writer, error)
           : begin_pcap(writer, LINK_TYPE_ETHERNET, error); /* as everywhere */
}

/* Does a file begin here, in which its first bytes can be replaced? */
static bool may_restart(int fd)
{
  struct stat status;

  return fstat(fd, &status) == 0 && S_ISREG(status.st_mode) &&
         (fcntl(fd, F_GETFL) & O_APPEND) == 0 && lseek(fd, 0, SEEK_CUR) == 0;
}

bool writer_begin(Writer *writer, GError **error)
{
  writer->is_provisional = writer->options.format == WRITER_PCAP;
  if (writer->is_provisional && !may_restart(writer->options.fd)) {
    writer->is_provisional = false;
    return true;
  }
  return begin_empty(writer, error) && writer_flush(writer, error);
}

uint64_t writer_bytes(const Writer *writer)
{
  return writer->written + (writer->options.packing == PACKING_NONE ? writer->used : 0);
}

bool writer_finish(Writer *writer, GError **error)
{
  return (writer->began || begin_empty(writer, error)) && writer_flush(writer, error);
}
