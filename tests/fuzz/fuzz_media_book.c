/* Messages of several calls: five bytes each (method, sides, transaction, dialog, call), then a
 * session description up to a NUL; and the question whose their places are. */
#include <glib.h>

#include "dissect/media/media_book.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { HEAD = 5, CALLS = 4 };

static MediaMessage message_of(const uint8_t head[HEAD], uint32_t number)
{
  static const SipMethod METHODS[] = {SIP_METHOD_INVITE, SIP_METHOD_ACK, SIP_METHOD_PRACK,
                                      SIP_METHOD_UPDATE, SIP_METHOD_BYE, SIP_METHOD_OPTIONS};
  static const uint16_t STATUSES[] = {0, 0, 183, 200, 488};

  return (MediaMessage){
    .call = 1U + head[4] % CALLS,
    .message = number,
    .transaction = 1U + head[2],
    .dialog = head[3] % 4U,
    .src = head[1] & 7U,
    .dst = head[1] >> 3 & 7U,
    .time_ns = (int64_t) number * 1000 * (head[0] & 0x40 ? -1 : 1),
    .method = (uint16_t) METHODS[head[0] % G_N_ELEMENTS(METHODS)],
    .status = STATUSES[head[0] / 8 % G_N_ELEMENTS(STATUSES)],
  };
}

static void ask(MediaBook *book, const MediaCall *call, int64_t now_ns)
{
  MediaOwner owners[MEDIA_OWNERS_MAX];

  for (const MediaDescription *d = call->descriptions; d; d = d->next)
    for (size_t i = 0; i < d->sdp->place_count; i++) {
      const MediaFlow flow = {.dst = d->sdp->places[i].endpoint,
                              .src = {.port = (uint16_t) i, .family = ADDRESS_IPV4},
                              .payload_type = (uint8_t) i,
                              .last_ns = now_ns};
      size_t count = media_book_owners(book, &flow, owners);
      g_assert(count <= MEDIA_OWNERS_MAX);
      if (count > 0)
        media_book_learn(book, &flow, &owners[0]);
    }
  g_assert(call->leg_count <= MEDIA_LEGS_MAX && call->description_count <= MEDIA_DESCRIPTIONS_MAX &&
           call->exchanges->len <= MEDIA_EXCHANGES_MAX);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  Slice rest = slice_of((const char *) data, size);
  MediaBook *book = media_book_new();
  uint32_t number = 0;

  while (rest.len >= HEAD && number < 2000) {
    MediaMessage message = message_of((const uint8_t *) rest.data, ++number);
    rest = slice_from(rest, HEAD);
    message.sdp = slice_cut(&rest, '\0');
    media_book_note(book, &message);
    if (number % 16 == 0 && media_book_call(book, message.call))
      ask(book, media_book_call(book, message.call), message.time_ns);
    if (number % 50 == 0)
      media_book_forget(book, message.call);
  }
  for (uint32_t call = 1; call <= CALLS; call++)
    if (media_book_call(book, call))
      ask(book, media_book_call(book, call), INT64_MAX);
  media_book_free(book);
  return 0;
}
