/* Text traces: what comes out is a whole capture, however the text comes in. */
#include "capture/text_trace.h"

#include "capture/pcap_file.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static GByteArray *read_text(Slice text, size_t piece)
{
  TextTrace *trace = text_trace_new();
  GByteArray *capture = g_byte_array_new();

  for (size_t at = 0; at < text.len; at += piece)
    text_trace_feed(trace, slice_head(slice_from(text, at), piece), capture);
  text_trace_end(trace, capture);
  g_free(text_trace_lacks(trace));
  text_trace_free(trace);
  return capture;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  Slice text = slice_of((const char *) data, size);
  g_autoptr(GByteArray) whole = read_text(text, size + 1);
  g_autoptr(GByteArray) pieces = read_text(text, 3);
  PcapFile file = {0};
  FrameBatch batch = {0};
  Walk walk = {.rest = reader_of(whole->data, whole->len), .start = whole->data, .batch = &batch};

  g_assert(whole->len == pieces->len);
  g_assert(whole->len == 0 || memcmp(whole->data, pieces->data, whole->len) == 0);
  if (whole->len > 0)
    pcap_file_walk(&file, &walk);
  g_assert(!walk.fault && reader_left(&walk.rest) == 0);
  frame_batch_clear(&batch);
  return 0;
}
