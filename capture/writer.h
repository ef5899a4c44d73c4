/*
 * Writer: frames into a capture file, pcap or pcapng, as they were captured: bytes, both
 * lengths, time to the nanosecond.
 *
 * pcap holds one link type; the second one is an error that says so.  pcapng describes an
 * interface for each input and link type when its first frame comes.  Output is buffered; the
 * descriptor stays the caller's.
 */
#pragma once

#include <glib.h>

#include "capture/frame.h"
#include "capture/packer.h"

typedef enum {
  WRITER_PCAP,
  WRITER_PCAPNG,
} WriterFormat;

typedef struct {
  int fd;
  const char *name; /* for messages; like all of this it must outlive the writer */
  WriterFormat format;
  const char *const *inputs; /* names by Frame.input, or NULL */
  unsigned input_count;
  Packing packing; /* each flush is a piece of its own: see packer.h */
} WriterOptions;

typedef struct Writer Writer;

/* By the ending of the name, without one of packing_of: .pcapng, or else pcap. */
WriterFormat writer_format_of(const char *name);

Writer *writer_new(WriterOptions options);
void writer_free(Writer *writer);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Writer, writer_free)

/*
 * Begins a file at once, so that it is a valid one whatever ends the program before there is a
 * frame.  In pcap the first frame gives the link type: what is written before is replaced then, and
 * where that cannot be, as in a pipe, nothing is written before.
 */
G_GNUC_WARN_UNUSED_RESULT bool writer_begin(Writer *writer, GError **error);

/* The frame's bytes are taken from `frame->data`. */
G_GNUC_WARN_UNUSED_RESULT bool writer_add(Writer *writer, const Frame *frame, GError **error);

/* Secrets that open TLS: lines of a key log, before the frames that they are of.  pcapng
 * alone. */
G_GNUC_WARN_UNUSED_RESULT bool writer_add_secrets(Writer *writer, Slice lines, GError **error);

/* Bytes of the file; with those that are still in the buffer, unless they will be packed. */
uint64_t writer_bytes(const Writer *writer);

/* Writes the buffer out: the file ends with a whole packet.  When it fails, a regular file is left
 * as it was before, and the buffer is kept for another try. */
G_GNUC_WARN_UNUSED_RESULT bool writer_flush(Writer *writer, GError **error);

/* Once all was flushed: frees what it needs only to write, and the descriptor may be closed.
 * writer_go_on gives it another one, of the same file, at its end. */
void writer_rest(Writer *writer);
void writer_go_on(Writer *writer, int fd);

/* Writes what is left in the buffer; a file without frames is a valid one, too. */
G_GNUC_WARN_UNUSED_RESULT bool writer_finish(Writer *writer, GError **error);
