/*
 * ByteStream: the bytes of a file or pipe from its beginning to its end, decompressed when they are
 * compressed in a way that is read (decoder.h).  It reads as much as one read gives, so a pipe
 * flows as it is fed, and waits at most 50 ms for more.
 */
#pragma once

#include <glib.h>

#include "capture/slice.h"
#include "capture/zip_file.h"

typedef struct ByteStream ByteStream;

typedef enum {
  BYTES_READ,
  BYTES_NONE_YET, /* a silent pipe, or a file that is followed */
  BYTES_END,
  BYTES_BAD, /* unreadable or damaged; nothing more will come */
} BytesStatus;

/* Takes the descriptor over, and looks at the first bytes, for which it waits.  With `follow` a
 * regular file has no end: it is silent until it has grown; nor has a named pipe, until another
 * program writes to it. */
ByteStream *byte_stream_new(int fd, bool follow);
void byte_stream_free(ByteStream *stream);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(ByteStream, byte_stream_free)

/* The bytes of a member of a zip archive, whose descriptor it takes over; decompressed again when
 * they are compressed themselves.  They must have the size and checksum that the archive says. */
ByteStream *byte_stream_new_member(int fd, const ZipMember *member);

/* The bytes of a regular file as they are, from its beginning on, wherever others that share
 * the descriptor have read to. */
ByteStream *byte_stream_new_again(int fd);

/* Of such a stream: goes on at that byte. */
void byte_stream_seek(ByteStream *stream, uint64_t offset);

/* At least one byte, at most `room`, with BYTES_READ; with BYTES_BAD the error says what and
 * where. */
BytesStatus byte_stream_read(ByteStream *stream, uint8_t *buffer, size_t room, size_t *ret_len,
                             GError **error);

/* A file that is not compressed and was at its beginning: its bytes can be read again. */
bool byte_stream_is_plain_file(const ByteStream *stream);
int byte_stream_fd(const ByteStream *stream);

/* Bytes of the file or pipe that were read, compressed or not. */
uint64_t byte_stream_taken(const ByteStream *stream);

/* Writes all bytes to a descriptor that may be anything: a file, a pipe, a terminal.  0, or errno
 * of what failed. */
int fd_write(int fd, Slice bytes);
