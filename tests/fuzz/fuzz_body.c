/* A byte that chooses the kind, then a body of that kind as it is shown, or a value of Identity. */
#include "dissect/sip/passport.h"
#include "ui/show/message_tree.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char *const TYPES[] = {
  "application/isup;version=itu-t92+",
  "application/isup;version=ansi88",
  "application/pidf+xml",
  "application/dialog-info+xml",
  "application/json",
  "message/sipfrag",
  "application/simple-message-summary",
  "multipart/mixed;boundary=b",
  "application/rs-metadata+xml",
};

static void read_passport(Arena *arena, const SipMsg *sip, Slice value)
{
  Passport passport;

  passport_parse(arena, sip, value, &passport);
  g_assert(passport.dest_count <= PASSPORT_NUMBERS_MAX);
  g_assert(passport.fault || (passport.has_iat && passport.orig.data && passport.signature.data &&
                              passport.signed_text.len > 0));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  if (size == 0)
    return 0;
  g_autoptr(GString) text =
    g_string_new("NOTIFY sip:a@b SIP/2.0\r\nFrom: <sip:+1-2@b>;tag=1\r\n"
                 "To: <sip:c@d>\r\nDate: Fri, 02 Jan 2026 10:00:00 GMT\r\n");
  g_string_append_printf(text, "Content-Type: %s\r\n\r\n", TYPES[data[0] % G_N_ELEMENTS(TYPES)]);
  g_string_append_len(text, (const char *) data + 1, (gssize) size - 1);
  SipMsg sip;
  Arena arena;
  if (sip_msg_parse(slice_of(text->str, text->len), false, &sip) != SIP_OK)
    return 0;
  arena_init(&arena, 4096);
  MessageTree tree = message_tree_build_body(&arena, &sip);
  g_assert(tree.count <= TREE_NODES_MAX);
  for (size_t i = 0; i < tree.count; i++)
    g_assert(tree.nodes[i].end > i && tree.nodes[i].end <= tree.count &&
             tree.nodes[i].octets.offset + (size_t) tree.nodes[i].octets.len <= sip.raw.len);
  read_passport(&arena, &sip, slice_of((const char *) data + 1, size - 1));
  arena_clear(&arena);
  return 0;
}
