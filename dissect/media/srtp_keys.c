#include "dissect/media/srtp_keys.h"

static bool has_tag(const MediaDescription *description, uint16_t line, uint32_t tag)
{
  const MediaSdp *sdp = description->sdp;

  for (size_t i = 0; i < sdp->crypto_count; i++)
    if (sdp->cryptos[i].line == line && sdp->cryptos[i].tag == tag)
      return true;
  return false;
}

/* `peer` is the answer to it, or its offer; NULL while there is none. */
static void add_of(SrtpOpener *opener, const MediaDescription *own, const MediaDescription *peer,
                   uint16_t line, int64_t from_ns, const char **unreadable)
{
  const MediaSdp *sdp = own->sdp;

  for (size_t i = 0; i < sdp->crypto_count; i++) {
    const MediaCrypto *crypto = &sdp->cryptos[i];
    if (crypto->line != line || (peer && !has_tag(peer, line, crypto->tag)))
      continue;
    if (crypto->unreadable)
      *unreadable = crypto->unreadable;
    else if (srtp_library_name() && !srtp_library_has(crypto->key.suite))
      *unreadable = srtp_suite_row(crypto->key.suite)->name;
    else
      (void) srtp_opener_add(opener, &crypto->key, from_ns);
  }
}

void srtp_keys_add(SrtpOpener *opener, const MediaCall *call, const MediaOwner *owner,
                   const char **ret_unreadable)
{
  MediaSide sender = owner->to == MEDIA_CALLER ? MEDIA_CALLEE : MEDIA_CALLER;
  const MediaLine *line = owner->line ? owner->line : owner->from_line;

  *ret_unreadable = NULL;
  for (guint i = 0; line && i < call->exchanges->len; i++) {
    const MediaExchange *x = &g_array_index(call->exchanges, MediaExchange, i);
    bool is_offer = x->offer->side == sender;
    const MediaDescription *own = is_offer ? x->offer : x->answer;
    const MediaDescription *peer = is_offer ? x->answer : x->offer;
    /* Who answers may send as soon as the offer has come. */
    if (own)
      add_of(opener, own, peer, line->index, x->offer_ns, ret_unreadable);
  }
}
