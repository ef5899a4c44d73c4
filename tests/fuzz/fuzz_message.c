/* The bytes of a message as it is shown: as a tree, as text, compared with its first half. */
#include "ui/show/message_diff.h"
#include "ui/show/message_raw.h"
#include "ui/show/message_tree.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_tree(const MessageTree *tree, const SipMsg *sip)
{
  for (size_t i = 0; i < tree->count; i++) {
    Octets octets = tree->nodes[i].octets;
    g_assert(octets.offset + (size_t) octets.len <= sip->raw.len);
    g_assert(tree->nodes[i].end > i && tree->nodes[i].end <= tree->count);
  }
}

/* Every line is drawn completely. */
static void check_raw(const MessageRaw *raw)
{
  RawPiece piece;

  for (size_t i = 0; i < raw->line_count; i++) {
    RawPieces pieces = message_raw_pieces(raw, i);
    while (message_raw_piece_next(&pieces, &piece))
      g_assert(piece.text.len > 0);
    size_t end = (size_t) raw->lines[i].octets.offset + raw->lines[i].octets.len;
    g_assert(pieces.column == message_raw_column(raw, i, end));
  }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  Slice octets = slice_of((const char *) data, size);
  RawOptions options = {.width = 2 + (unsigned) (size % 60), .charset = (TextCharset) (size % 2)};
  SipMsg sip, half;
  Arena arena;

  if (sip_msg_parse(octets, false, &sip) != SIP_OK)
    return 0;
  arena_init(&arena, 4096);
  MessageTree tree = message_tree_build(&arena, &sip, NULL);
  check_tree(&tree, &sip);
  MessageRaw raw = message_raw_build(&arena, &sip, &options);
  check_raw(&raw);
  if (sip_msg_parse(slice_head(octets, size / 2), false, &half) == SIP_OK)
    message_diff_build(&arena, &half, &sip);
  arena_clear(&arena);
  return 0;
}
