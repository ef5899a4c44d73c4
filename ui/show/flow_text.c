#include "ui/show/flow_text.h"

#include "dissect/sip/sip_body.h"

enum {
  KEPT = 1024,      /* more than any screen shows */
  PHRASE_MAX = 200, /* octets */
  SDP_MAX = 512,
  SCRATCH_FIRST = 4096,
};

typedef struct {
  const Message *message;
  char *octets; /* phrase, short and line behind each other */
  uint16_t phrase_len, short_len, line_len;
} Kept;

struct FlowTexts {
  const StoreSet *stores;
  Arena scratch;
  GString *text;
  Kept kept[KEPT];
  bool unreadable;
};

FlowTexts *flow_texts_new(const StoreSet *stores)
{
  FlowTexts *texts = g_new0(FlowTexts, 1);

  texts->stores = stores;
  texts->text = g_string_new(NULL);
  arena_init(&texts->scratch, SCRATCH_FIRST);
  return texts;
}

void flow_texts_reset(FlowTexts *texts)
{
  for (size_t i = 0; i < KEPT; i++) {
    g_free(texts->kept[i].octets);
    texts->kept[i] = (Kept){0};
  }
}

void flow_texts_free(FlowTexts *texts)
{
  if (!texts)
    return;
  flow_texts_reset(texts);
  arena_clear(&texts->scratch);
  g_string_free(texts->text, TRUE);
  g_free(texts);
}

/* What was appended behind `start`, cut to `most` octets. */
static uint16_t limit(GString *text, size_t start, size_t most)
{
  if (text->len - start > most)
    g_string_truncate(text, start + most);
  return (uint16_t) (text->len - start);
}

static void read_texts(FlowTexts *texts, Kept *kept)
{
  const Message *message = kept->message;
  GString *text = texts->text;
  SipMsg sip;
  bool read;

  arena_reset(&texts->scratch);
  g_string_truncate(text, 0);
  read = message_load(message, texts->stores, &texts->scratch, &sip, NULL);
  texts->unreadable |= !read;
  if (read)
    g_string_append_len(text, sip.reason.data, (gssize) sip.reason.len);
  else if (!message_is_request(message))
    g_string_append(text, sip_status_text(message->status));
  kept->phrase_len = limit(text, 0, PHRASE_MAX);
  Slice sdp = read && message->flags & MESSAGE_HAS_SDP ? sip_msg_sdp(&sip) : SLICE_NONE;
  size_t start = text->len;
  flow_text_append_sdp_short(text, sdp);
  kept->short_len = limit(text, start, SDP_MAX);
  start = text->len;
  flow_text_append_sdp_line(text, sdp);
  kept->line_len = limit(text, start, SDP_MAX);
  kept->octets = g_memdup2(text->str, text->len + 1); /* its NUL, too: never nothing */
}

FlowText flow_texts_of(FlowTexts *texts, const Message *message)
{
  Kept *kept = &texts->kept[message->number % KEPT];

  if (kept->message != message) {
    g_free(kept->octets);
    *kept = (Kept){.message = message};
    read_texts(texts, kept);
  }
  const char *at = kept->octets;
  return (FlowText){
    .phrase = slice_of(at, kept->phrase_len),
    .sdp_short = slice_of(at + kept->phrase_len, kept->short_len),
    .sdp_line = slice_of(at + kept->phrase_len + kept->short_len, kept->line_len),
  };
}

bool flow_texts_readable(const FlowTexts *texts)
{
  return !texts->unreadable;
}
