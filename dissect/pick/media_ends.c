#include "dissect/pick/media_ends.h"

#include "dissect/sip/sdp.h"
#include "dissect/sip/sip_body.h"
#include "dissect/trace/trace.h"

enum {
  MEDIA_MAX = 256,      /* lines of one description that are read */
  PORT_PAIRS_MAX = 16,  /* of one media line */
  CANDIDATES_MAX = 256, /* of one description */
  SCRATCH_FIRST = 4 * 1024,
};

/* Media flow on for a while when the BYE has been sent. */
static const int64_t AFTER_NS = INT64_C(5) * 1000 * 1000 * 1000;

typedef struct {
  int64_t start_ns, end_ns;
} Span;

typedef struct {
  GArray *spans; /* Span; once sorted, by time, and none touches another */
  bool sorted;
} Place;

struct MediaEnds {
  EndpointTable *places; /* -> Place, owned */
  Arena scratch;         /* of one message */
};

static void place_free(gpointer data)
{
  Place *place = data;

  g_array_unref(place->spans);
  g_free(place);
}

MediaEnds *media_ends_new(void)
{
  MediaEnds *ends = g_new0(MediaEnds, 1);

  ends->places = endpoint_table_new(place_free);
  arena_init(&ends->scratch, SCRATCH_FIRST);
  return ends;
}

void media_ends_free(MediaEnds *ends)
{
  if (!ends)
    return;
  endpoint_table_free(ends->places);
  arena_clear(&ends->scratch);
  g_free(ends);
}

/* "On hold" is address 0, which belongs to no host. */
static bool is_somewhere(const Endpoint *endpoint)
{
  static const uint8_t NOWHERE[sizeof endpoint->address] = {0};

  return endpoint->port != 0 && memcmp(endpoint->address, NOWHERE, sizeof NOWHERE) != 0;
}

/* Mostly one call follows another, so that what a busy place is used for is one long span. */
static void place_add_span(Place *place, Span span)
{
  Span *last =
    place->spans->len > 0 ? &g_array_index(place->spans, Span, place->spans->len - 1) : NULL;

  if (!last || span.start_ns > last->end_ns || span.end_ns < last->start_ns) {
    g_array_append_val(place->spans, span);
    place->sorted = false;
    return;
  }
  place->sorted = place->sorted && span.start_ns >= last->start_ns;
  last->start_ns = MIN(last->start_ns, span.start_ns);
  last->end_ns = MAX(last->end_ns, span.end_ns);
}

static Place *place_find(const MediaEnds *ends, const Endpoint *endpoint)
{
  void *place;

  return endpoint_table_find(ends->places, endpoint, &place) ? place : NULL;
}

static void add_place(MediaEnds *ends, Slice address, uint32_t port, Span span)
{
  Endpoint endpoint;

  if (port > UINT16_MAX || !endpoint_parse(address, (uint16_t) port, &endpoint) ||
      !is_somewhere(&endpoint))
    return;
  Place *place = place_find(ends, &endpoint);
  if (!place) {
    place = g_new0(Place, 1);
    place->spans = g_array_sized_new(false, false, sizeof(Span), 1);
    endpoint_table_set(ends->places, &endpoint, place);
  }
  place_add_span(place, span);
}

static Slice take_word(Slice *text)
{
  *text = slice_trim(*text);
  return slice_cut(text, ' ');
}

/* RFC 8839 5.1: foundation, component, transport, priority, address, port, "typ" ... */
static void add_candidate(MediaEnds *ends, Slice value, Span span)
{
  enum { TRANSPORT = 2, ADDRESS = 4, PORT = 5, WORDS };
  Slice words[WORDS];
  uint32_t port;

  for (int i = 0; i < WORDS; i++)
    words[i] = take_word(&value);
  if (slice_eq_nocase(words[TRANSPORT], SLICE("UDP")) && slice_to_u32(words[PORT], &port))
    add_place(ends, words[ADDRESS], port, span);
}

static void add_candidates(MediaEnds *ends, Slice lines, Span span)
{
  SdpAttribute attribute;
  unsigned count = 0;

  while (count < CANDIDATES_MAX && sdp_attribute_next(&lines, &attribute)) {
    if (!slice_eq(attribute.name, SLICE("candidate")))
      continue;
    add_candidate(ends, attribute.value, span);
    count++;
  }
}

/* RFC 8866 5.14: of port/count each second port is for RTP, the one after it for RTCP. */
static void add_media(MediaEnds *ends, const SdpMedia *media, Span span)
{
  Slice address = media->connection.address;
  Slice rtcp = media->rtcp_connection.address;

  if (media->port == 0)
    return;
  for (uint32_t i = 0; i < MIN(media->port_count, (uint32_t) PORT_PAIRS_MAX); i++) {
    add_place(ends, address, media->port + 2 * i, span);
    if (media->rtcp_port == 0 && !media->rtcp_mux)
      add_place(ends, address, media->port + 2 * i + 1, span);
  }
  if (media->rtcp_port != 0)
    add_place(ends, rtcp.data ? rtcp : address, media->rtcp_port, span);
}

void media_ends_add_sdp(MediaEnds *ends, Slice bytes, int64_t start_ns, int64_t end_ns)
{
  const Span span = {start_ns, end_ns};
  unsigned count = 0;
  SdpMedia media;
  Sdp sdp;

  if (!sdp_parse(bytes, &sdp))
    return;
  for (Slice rest = sdp.media; count < MEDIA_MAX && sdp_media_next(&sdp, &rest, &media); count++) {
    add_media(ends, &media, span);
    add_candidates(ends, media.lines, span);
  }
}

/* Nothing that was seen ended it: no BYE, CANCEL or final failure. */
static bool is_up(const Call *call)
{
  if (call->deciding != SIP_METHOD_INVITE || call->stray_bye_ns != TIME_NONE)
    return false;
  CallSummary summary = call_summarize(call, call->end_ns);
  if (summary.outcome == OUTCOME_ANSWERED)
    return summary.state != CALL_STATE_COMPLETED;
  return !summary.is_decided && !call->is_given_up;
}

bool media_ends_add_message(MediaEnds *ends, const Message *message, const StoreSet *stores,
                            GError **error)
{
  const Call *call = message->transaction->call;
  SipMsg sip;

  if (!(message->flags & MESSAGE_HAS_SDP))
    return true;
  arena_reset(&ends->scratch);
  if (!message_load(message, stores, &ends->scratch, &sip, error))
    return false;
  int64_t end_ns = is_up(call) ? INT64_MAX : call->end_ns + AFTER_NS;
  media_ends_add_sdp(ends, sip_msg_sdp(&sip), call->start_ns, end_ns);
  return true;
}

static int compare_spans(gconstpointer a, gconstpointer b)
{
  const Span *left = a, *right = b;

  return left->start_ns < right->start_ns ? -1 : left->start_ns > right->start_ns;
}

static void place_sort(Place *place)
{
  GArray *spans = place->spans;
  guint kept = 0;

  g_array_sort(spans, compare_spans);
  for (guint i = 1; i < spans->len; i++) {
    const Span *next = &g_array_index(spans, Span, i);
    Span *last = &g_array_index(spans, Span, kept);
    if (next->start_ns <= last->end_ns)
      last->end_ns = MAX(last->end_ns, next->end_ns);
    else
      g_array_index(spans, Span, ++kept) = *next;
  }
  g_array_set_size(spans, kept + 1);
  place->sorted = true;
}

static bool is_in_use(Place *place, int64_t time_ns)
{
  if (!place->sorted)
    place_sort(place);
  guint low = 0, high = place->spans->len;
  while (low < high) {
    guint middle = low + (high - low) / 2;
    if (g_array_index(place->spans, Span, middle).end_ns < time_ns)
      low = middle + 1;
    else
      high = middle;
  }
  return low < place->spans->len && g_array_index(place->spans, Span, low).start_ns <= time_ns;
}

bool media_ends_match(MediaEnds *ends, const Packet *packet)
{
  Place *src = place_find(ends, &packet->src);
  Place *dst = place_find(ends, &packet->dst);

  return (src && is_in_use(src, packet->time_ns)) || (dst && is_in_use(dst, packet->time_ns));
}
