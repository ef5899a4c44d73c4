#include "dissect/media/media_sdp.h"

#include "capture/hash.h"

enum {
  PORT_PAIRS_MAX = 16,       /* of one m= line */
  PAYLOAD_LISTS = 64 * 1024, /* different ones; lines with others have none */
};

const char *media_kind_name(MediaKind kind)
{
  static const char *const NAMES[] = {
#define MEDIA_KIND_NAME(id, name) [MEDIA_##id] = name,
    MEDIA_KINDS(MEDIA_KIND_NAME)
#undef MEDIA_KIND_NAME
  };

  return NAMES[kind];
}

static MediaKind kind_of(Slice type)
{
  for (MediaKind kind = 0; kind < MEDIA_OTHER; kind++)
    if (slice_eq_nocase(type, slice_from_string(media_kind_name(kind))))
      return kind;
  return MEDIA_OTHER;
}

bool media_place_is_somewhere(const Endpoint *endpoint)
{
  static const uint8_t NOWHERE[sizeof endpoint->address] = {0};

  return endpoint->port != 0 && memcmp(endpoint->address, NOWHERE, sizeof NOWHERE) != 0;
}

/* --- payload types --------------------------------------------------------------------------- */

/* What one m= line lists; strings are offsets into the text. */
typedef struct {
  size_t count;
  MediaPayload items[MEDIA_PAYLOADS_MAX];
  size_t names[MEDIA_PAYLOADS_MAX], fmtps[MEDIA_PAYLOADS_MAX];
  GString *text;
} PayloadDraft;

typedef struct {
  MediaPayloads payloads; /* first: it is what users see */
  uint64_t key;
  MediaPayload *items;
  char *text;
} PayloadList;

struct MediaPayloadTable {
  GHashTable *lists; /* by PayloadList.key, a seeded hash */
  uint64_t seed;
  PayloadDraft draft;
  GArray *lines, *places, *sources, *cryptos; /* of the description that is read */
};

static void payload_list_free(gpointer data)
{
  PayloadList *list = data;

  g_free(list->items);
  g_free(list->text);
  g_free(list);
}

MediaPayloadTable *media_payload_table_new(void)
{
  MediaPayloadTable *table = g_new0(MediaPayloadTable, 1);

  table->lists = g_hash_table_new_full(g_int64_hash, g_int64_equal, NULL, payload_list_free);
  table->draft.text = g_string_new(NULL);
  table->lines = g_array_new(false, false, sizeof(MediaLine));
  table->places = g_array_new(false, false, sizeof(MediaPlace));
  table->sources = g_array_new(false, false, sizeof(MediaSource));
  table->cryptos = g_array_new(false, false, sizeof(MediaCrypto));
  table->seed = hash_seed_new();
  return table;
}

void media_payload_table_free(MediaPayloadTable *table)
{
  g_hash_table_unref(table->lists);
  g_string_free(table->draft.text, true);
  g_array_unref(table->lines);
  g_array_unref(table->places);
  g_array_unref(table->sources);
  g_array_unref(table->cryptos);
  g_free(table);
}

static size_t append_string(GString *text, Slice slice)
{
  size_t at = text->len;

  for (size_t i = 0; i < slice.len; i++)
    g_string_append_c(text, slice.data[i] != '\0' ? slice.data[i] : ' ');
  g_string_append_c(text, '\0');
  return at;
}

static void draft_payloads(PayloadDraft *draft, const SdpMedia *media)
{
  SdpCodecIter iter = sdp_codecs(media);
  SdpCodec codec;

  draft->count = 0;
  g_string_truncate(draft->text, 0);
  while (draft->count < MEDIA_PAYLOADS_MAX && sdp_codec_next(&iter, &codec)) {
    if (!codec.is_payload_type)
      continue;
    size_t i = draft->count++;
    draft->items[i] = (MediaPayload){codec.payload_type, codec.clock_rate, codec.channels, "", ""};
    draft->names[i] = append_string(draft->text, codec.name);
    draft->fmtps[i] = append_string(draft->text, codec.fmtp);
  }
}

static PayloadList *payload_list_new(const PayloadDraft *draft, uint64_t key)
{
  PayloadList *list = g_new0(PayloadList, 1);

  list->key = key;
  list->text = g_memdup2(draft->text->str, draft->text->len);
  list->items = g_memdup2(draft->items, draft->count * sizeof *list->items);
  for (size_t i = 0; i < draft->count; i++) {
    list->items[i].name = list->text + draft->names[i];
    list->items[i].fmtp = list->text + draft->fmtps[i];
  }
  list->payloads = (MediaPayloads){draft->count, list->items};
  return list;
}

/* `key`: hash of all that the list is made of.  NULL when there are too many different ones. */
static const MediaPayloads *payloads_of(MediaPayloadTable *table, const SdpMedia *media,
                                        uint64_t key)
{
  PayloadList *list = g_hash_table_lookup(table->lists, &key);

  if (!list && g_hash_table_size(table->lists) < PAYLOAD_LISTS) {
    draft_payloads(&table->draft, media);
    list = payload_list_new(&table->draft, key);
    g_hash_table_insert(table->lists, &list->key, list);
  }
  return list ? &list->payloads : NULL;
}

/* --- lines ----------------------------------------------------------------------------------- */

/* A description while it is read. */
typedef struct {
  GArray *lines, *places, *sources, *cryptos; /* the table's */
  MediaPayloadTable *payloads;
  uint32_t skipped;
  Endpoint bundle; /* of the first line of the group; port 0: no group */
  bool is_bundled;
  Slice setup;          /* a=setup of lines that say nothing else */
  bool has_fingerprint; /* for all lines */
} MediaDraft;

static Endpoint place_of(Slice address, uint32_t port)
{
  Endpoint endpoint = {.port = 0};

  if (port > UINT16_MAX || !endpoint_parse(address, (uint16_t) port, &endpoint))
    return (Endpoint){.port = 0};
  return endpoint;
}

static void add_place(MediaDraft *draft, MediaPlace place)
{
  if (!media_place_is_somewhere(&place.endpoint))
    return;
  if (draft->places->len < MEDIA_PLACES_MAX)
    g_array_append_val(draft->places, place);
  else
    draft->skipped++;
}

static Slice take_word(Slice *text)
{
  *text = slice_trim(*text);
  return slice_cut(text, ' ');
}

/* RFC 6544 4.5: "tcptype" and its value, after "typ" and other pairs.  The port of one that is
 * active says nothing. */
static bool accepts_connections(Slice words)
{
  while (words.len > 0)
    if (slice_eq(take_word(&words), SLICE("tcptype")))
      return !slice_eq(take_word(&words), SLICE("active"));
  return false;
}

/* RFC 8839 5.1: foundation, component, transport, priority, address, port, "typ" ... */
static void add_candidate(MediaDraft *draft, Slice value, uint16_t line)
{
  enum { COMPONENT = 1, TRANSPORT = 2, ADDRESS = 4, PORT = 5, WORDS };
  Slice words[WORDS];
  uint32_t port;

  for (int i = 0; i < WORDS; i++)
    words[i] = take_word(&value);
  bool is_tcp = slice_eq_nocase(words[TRANSPORT], SLICE("TCP"));
  if ((!is_tcp && !slice_eq_nocase(words[TRANSPORT], SLICE("UDP"))) ||
      !slice_to_u32(words[PORT], &port) || (is_tcp && !accepts_connections(value)))
    return;
  add_place(draft, (MediaPlace){place_of(words[ADDRESS], port), line,
                                slice_eq(words[COMPONENT], SLICE("2")), is_tcp});
}

static void add_source(MediaDraft *draft, Slice number, MediaSource source)
{
  if (!slice_to_u32(number, &source.ssrc))
    return;
  if (draft->sources->len > 0 &&
      g_array_index(draft->sources, MediaSource, draft->sources->len - 1).ssrc == source.ssrc)
    return; /* a=ssrc has a line for each attribute of the source */
  if (draft->sources->len < MEDIA_SOURCES_MAX)
    g_array_append_val(draft->sources, source);
  else
    draft->skipped++;
}

static void add_cryptos(MediaDraft *draft, Slice value, uint16_t line)
{
  MediaCrypto cryptos[MEDIA_CRYPTO_KEYS_MAX];
  size_t count = media_crypto_read(value, cryptos);

  for (size_t i = 0; i < count; i++) {
    cryptos[i].line = line;
    if (draft->cryptos->len < MEDIA_CRYPTOS_MAX)
      g_array_append_val(draft->cryptos, cryptos[i]);
    else
      draft->skipped++;
  }
}

/* RFC 4145 4 */
static void note_setup(MediaLine *line, Slice value)
{
  line->opens = line->is_tcp && slice_eq_nocase(slice_trim(value), SLICE("active"));
  line->holds = line->is_tcp && slice_eq_nocase(slice_trim(value), SLICE("holdconn"));
}

/* What the lines after m= say that SdpMedia does not; returns a hash of what payload types mean. */
static uint64_t read_lines(MediaDraft *draft, MediaLine *line, const SdpMedia *media)
{
  uint64_t key = hash_bytes(media->formats.data, media->formats.len, draft->payloads->seed);
  SdpLine text;

  for (Slice lines = media->lines; sdp_line_next(&lines, &text);) {
    Slice value = text.value;
    if (text.type == 'y') { /* GB/T 28181: the SSRC in ten digits */
      add_source(draft, value, (MediaSource){.line = line->index, .is_asked_for = true});
      continue;
    }
    Slice name = text.type == 'a' ? slice_trim(slice_cut(&value, ':')) : SLICE_NONE;
    if (slice_eq_nocase(name, SLICE("rtpmap")) || slice_eq_nocase(name, SLICE("fmtp"))) {
      key = hash_bytes(text.value.data, text.value.len, key);
    } else if (slice_eq(name, SLICE("candidate"))) {
      line->has_ice = true;
      add_candidate(draft, value, line->index);
    } else if (slice_eq(name, SLICE("ssrc"))) {
      add_source(draft, take_word(&value), (MediaSource){.line = line->index});
    } else if (slice_eq(name, SLICE("crypto"))) {
      line->is_srtp = true;
      add_cryptos(draft, value, line->index);
    } else if (slice_eq(name, SLICE("fingerprint"))) {
      line->is_srtp = line->has_dtls = true;
    } else if (slice_eq(name, SLICE("setup"))) {
      note_setup(line, value);
    }
  }
  return key;
}

static bool contains_nocase(Slice text, Slice part)
{
  for (size_t at = 0; at + part.len <= text.len; at++)
    if (slice_eq_nocase(slice_head(slice_from(text, at), part.len), part))
      return true;
  return false;
}

/* Is it where RTCP goes unless another place is named (RFC 3550 11)? */
static bool is_usual_rtcp(const MediaLine *line)
{
  Endpoint usual = line->rtp;

  usual.port++;
  return endpoint_eq(&usual, &line->rtcp);
}

/* RFC 8866 5.14: of port/count each second port is for RTP, the one after it for RTCP. */
static void add_places(MediaDraft *draft, const MediaLine *line, const SdpMedia *media)
{
  MediaPlace place = {.line = line->index, .is_tcp = line->is_tcp};

  if (line->refused || line->opens)
    return;
  place.endpoint = line->rtp;
  add_place(draft, place);
  place.is_rtcp = true;
  place.endpoint = line->rtcp;
  if (!endpoint_eq(&line->rtp, &line->rtcp) && !is_usual_rtcp(line))
    add_place(draft, place);
  for (uint32_t i = 1; i < MIN(media->port_count, (uint32_t) PORT_PAIRS_MAX); i++)
    for (uint32_t port = 0; port < 2; port++) {
      place.is_rtcp = port == 1;
      place.endpoint = place_of(media->connection.address, media->port + 2 * i + port);
      add_place(draft, place);
    }
}

static Endpoint rtcp_place(const SdpMedia *media, const Endpoint *rtp)
{
  Slice address = media->rtcp_connection.address;
  Endpoint rtcp = *rtp;

  if (media->rtcp_port != 0)
    return place_of(address.data ? address : media->connection.address, media->rtcp_port);
  if (rtp->family == ADDRESS_NONE || media->rtcp_mux)
    return rtcp;
  if (rtp->port == UINT16_MAX)
    return (Endpoint){.port = 0};
  rtcp.port++;
  return rtcp;
}

static void add_line(MediaDraft *draft, const SdpMedia *media)
{
  const Endpoint rtp = place_of(media->connection.address, media->port);
  MediaLine line = {
    .rtp = rtp,
    .rtcp = rtcp_place(media, &rtp),
    .ptime_ms = media->ptime,
    .index = (uint16_t) draft->lines->len,
    .kind = (uint8_t) kind_of(media->type),
    .direction = (uint8_t) media->direction,
    .must_srtp = contains_nocase(media->protocol, SLICE("RTP/SAVP")),
    .is_tcp = contains_nocase(media->protocol, SLICE("TCP")) &&
              contains_nocase(media->protocol, SLICE("RTP/")),
    .refused = media->refused,
  };

  line.is_srtp = line.must_srtp;
  line.has_dtls = line.must_srtp && draft->has_fingerprint;
  note_setup(&line, draft->setup);
  /* RFC 8843 7.2: lines of a group have the address of its first line, whatever theirs. */
  if (draft->is_bundled && draft->bundle.port == 0 && !media->refused)
    draft->bundle = line.rtp;
  else if (draft->is_bundled && !media->refused && media->port == 0)
    line.rtp = line.rtcp = draft->bundle;
  Endpoint with_port = line.rtp;
  with_port.port = 1;
  line.on_hold = line.rtp.family != ADDRESS_NONE && !media_place_is_somewhere(&with_port);
  line.payloads = payloads_of(draft->payloads, media, read_lines(draft, &line, media));
  draft->skipped += line.payloads == NULL;
  add_places(draft, &line, media);
  g_array_append_val(draft->lines, line);
}

/* What the session part says for all lines. */
static void read_session(MediaDraft *draft, Slice lines)
{
  SdpAttribute attribute;

  while (sdp_attribute_next(&lines, &attribute)) {
    if (slice_eq(attribute.name, SLICE("group"))) /* RFC 8843 7: a=group:BUNDLE 0 1 */
      draft->is_bundled |= slice_eq(take_word(&attribute.value), SLICE("BUNDLE"));
    else if (slice_eq(attribute.name, SLICE("setup")) && !draft->setup.data) /* RFC 4145 4 */
      draft->setup = attribute.value;
    else if (slice_eq(attribute.name, SLICE("fingerprint")))
      draft->has_fingerprint = true;
  }
}

/* Copies the items into the block. */
static void *take_items(char **block, const GArray *items, size_t size)
{
  void *start = *block;

  if (items->len > 0)
    memcpy(start, items->data, items->len * size);
  *block += items->len * size;
  return start;
}

static MediaSdp *finish_draft(const MediaDraft *draft, uint64_t hash)
{
  MediaSdp *sdp = g_malloc(
    sizeof *sdp + draft->lines->len * sizeof(MediaLine) + draft->places->len * sizeof(MediaPlace) +
    draft->sources->len * sizeof(MediaSource) + draft->cryptos->len * sizeof(MediaCrypto));
  char *block = (char *) (sdp + 1);

  *sdp = (MediaSdp){
    .hash = hash,
    .line_count = draft->lines->len,
    .place_count = draft->places->len,
    .source_count = draft->sources->len,
    .crypto_count = draft->cryptos->len,
    .skipped = draft->skipped,
  };
  sdp->lines = take_items(&block, draft->lines, sizeof(MediaLine));
  sdp->cryptos = take_items(&block, draft->cryptos, sizeof(MediaCrypto)); /* aligned as lines */
  sdp->places = take_items(&block, draft->places, sizeof(MediaPlace));
  sdp->sources = take_items(&block, draft->sources, sizeof(MediaSource));
  for (size_t i = 0; i < sdp->line_count; i++)
    sdp->lines[i].sdp = sdp;
  return sdp;
}

MediaSdp *media_sdp_new(Slice bytes, uint64_t hash, MediaPayloadTable *payloads)
{
  MediaDraft draft = {.payloads = payloads};
  SdpMedia media;
  Sdp sdp;

  if (!sdp_parse(bytes, &sdp))
    return NULL;
  draft.lines = g_array_set_size(payloads->lines, 0);
  draft.places = g_array_set_size(payloads->places, 0);
  draft.sources = g_array_set_size(payloads->sources, 0);
  draft.cryptos = g_array_set_size(payloads->cryptos, 0);
  read_session(&draft, sdp.lines);
  for (Slice rest = sdp.media; sdp_media_next(&sdp, &rest, &media);) {
    if (draft.lines->len < MEDIA_LINES_MAX)
      add_line(&draft, &media);
    else
      draft.skipped++;
  }
  return finish_draft(&draft, hash);
}

void media_sdp_free(MediaSdp *sdp)
{
  g_free(sdp);
}

const MediaPayload *media_line_payload(const MediaLine *line, uint8_t payload_type)
{
  for (size_t i = 0; line->payloads && i < line->payloads->count; i++)
    if (line->payloads->items[i].type == payload_type)
      return &line->payloads->items[i];
  return NULL;
}

bool media_may_flow(const MediaLine *from, const MediaLine *to)
{
  bool sends = from->direction == SDP_SENDRECV || from->direction == SDP_SENDONLY;
  bool takes = to->direction == SDP_SENDRECV || to->direction == SDP_RECVONLY;

  return sends && takes && !from->refused && !to->refused && !to->on_hold;
}

bool media_sdp_asks_for(const MediaSdp *sdp, uint32_t ssrc)
{
  for (size_t i = 0; i < sdp->source_count; i++)
    if (sdp->sources[i].is_asked_for && sdp->sources[i].ssrc == ssrc)
      return true;
  return false;
}
