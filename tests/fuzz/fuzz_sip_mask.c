/* Any bytes as a message: what is masked is as long, and the same message otherwise. */
#include <glib.h>

#include "dissect/sip/sip_mask.h"
#include "dissect/sip/sip_msg.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  static const uint8_t KEY[PSEUDONYM_KEY] = {1};
  g_autoptr(Pseudonyms) pseudonyms = pseudonyms_new(KEY);
  g_autofree uint8_t *bytes = g_malloc(size + 1);
  SipMsg before, after;

  memcpy(bytes, data, size);
  if (!sip_mask_message(pseudonyms, (SipMaskOptions){0}, bytes, size))
    return 0;
  g_assert(sip_msg_parse(slice_of((const char *) data, size), false, &before) != SIP_BAD);
  g_assert(sip_msg_parse(slice_of((const char *) bytes, size), false, &after) != SIP_BAD);
  g_assert(before.is_request == after.is_request && before.status == after.status);
  g_assert(before.header_len == after.header_len && before.body.len == after.body.len);
  g_assert(before.cseq == after.cseq && before.via_count == after.via_count);
  g_assert(before.call_id.len == after.call_id.len && before.from_tag.len == after.from_tag.len);
  return 0;
}
