/* The bytes of one message: everything that dissect/sip reads in it. */
#include <glib.h>

#include "dissect/sip/sip_addr.h"
#include "dissect/sip/sip_equal.h"
#include "dissect/sip/sip_body.h"
#include "dissect/sip/sip_check.h"
#include "dissect/sip/sip_coding.h"
#include "dissect/sip/sip_values.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void read_value(Arena *arena, Slice value)
{
  SipAddr addr = sip_addr_parse(value);

  g_assert(sip_uri_equal(addr.uri, addr.uri) && sip_uri_user(addr.uri).len <= addr.uri.len);
  g_assert(sip_unfold(arena, value).len <= value.len && sip_unquote(arena, value).len <= value.len);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  Slice value, bytes = slice_of((const char *) data, size);
  SipHeaderRow row;
  SipCheck check;
  SipMsg msg;
  Arena arena;

  g_assert(!sip_msg_is_likely(bytes) || sip_msg_parse(bytes, true, &msg) != SIP_BAD);
  if (sip_msg_parse(bytes, false, &msg) == SIP_BAD)
    return 0;
  g_assert(msg.header_len + msg.body.len + msg.extra == msg.raw.len);
  sip_check(&msg, &check);
  g_assert(sip_has_error(&msg) == (check.worst == SIP_SEVERITY_ERROR));
  g_assert(check.worst >= msg.worst && sip_msg_sdp(&msg).len <= msg.body.len);
  bool has_sdp = sip_msg_has_sdp(&msg);
  arena_init(&arena, 1024);
  sip_msg_decode(&msg, &arena);
  g_assert((!has_sdp || sip_msg_sdp(&msg).data) && msg.content.fault <= msg.body.len);
  g_assert(msg.content.bytes.len <= MAX(msg.body.len, (size_t) SIP_CONTENT_MAX));
  SipHeaderRow again;
  SipHeaderIter vias = sip_header_iter_of(&msg, &(SipHeader){SIP_HEADER_VIA}, 1);
  for (SipHeaderIter rows = sip_header_iter(&msg); sip_header_next(&rows, &row);) {
    if (row.header == SIP_HEADER_VIA)
      g_assert(sip_header_next(&vias, &again) && again.row.data == row.row.data);
    for (SipListIter list = sip_list(row.value); sip_list_next(&list, &value);)
      read_value(&arena, value);
  }
  g_assert(!sip_header_next(&vias, &again));
  arena_clear(&arena);
  return 0;
}
