/* Session descriptions line by line (RFC 8866), media descriptions with the lines they have. */
#include "dissect/sip/sdp.h"
#include "ui/show/tree_build.h"

enum { WORDS_MAX = 8 };

/* Lines whose words mean something each. */
static const struct {
  char type;
  const char *name;
  const char *words[WORDS_MAX];
} LINES[] = {
  {'v', "v= version", {0}},
  {'o',
   "o= origin",
   {"username", "session id", "session version", "network type", "address type", "address"}},
  {'s', "s= session name", {0}},
  {'i', "i= information", {0}},
  {'u', "u= URI", {0}},
  {'e', "e= email", {0}},
  {'p', "p= phone", {0}},
  {'c', "c= connection", {"network type", "address type", "address"}},
  {'b', "b= bandwidth", {0}},
  {'t', "t= time", {"start", "stop"}},
  {'r', "r= repeat", {"interval", "duration", "offsets"}},
  {'z', "z= time zones", {0}},
  {'k', "k= key", {0}},
  {'m', "m= media", {"type", "port", "protocol"}},
  {'a', "a= attribute", {0}},
  {'y', "y= SSRC", {0}},             /* GB/T 28181 */
  {'f', "f= media parameters", {0}}, /* GB/T 28181 */
};

static const struct {
  const char *name;
  const char *words[WORDS_MAX];
} ATTRIBUTES[] = {
  /* RFC 8839 5.1 */
  {"candidate",
   {"foundation", "component", "transport", "priority", "address", "port", "typ", "type"}},
  {"remote-candidates", {"component", "address", "port"}},
  {"crypto", {"tag", "suite", "key", "session parameters"}}, /* RFC 4568 9.1 */
  {"fingerprint", {"hash", "fingerprint"}},                  /* RFC 8122 5 */
  {"group", {"semantics"}},                                  /* RFC 5888 */
  {"rtcp", {"port", "network type", "address type", "address"}},
  {"rtcp-fb", {"payload type", "feedback"}},
  {"ssrc", {"SSRC", "attribute"}},
  {"extmap", {"id", "URI"}},
  {"rtpmap", {"payload type", "encoding"}},
  {"fmtp", {"payload type", "parameters"}},
};

static void put_words(TreeBuilder *tree, const char *const words[WORDS_MAX], Slice text)
{
  for (unsigned i = 0; i < WORDS_MAX && words[i]; i++) {
    Slice word = sdp_take_word(&text);
    bool last = i + 1 == WORDS_MAX || !words[i + 1];

    if (last && word.data && text.len > 0) /* its words are one text */
      word.len = (size_t) (text.data + text.len - word.data);
    tree_put_part(tree, words[i], slice_trim(word));
  }
}

/* RFC 8866 5.9: a session without bounds. */
static Slice note_of_line(const SdpLine *line)
{
  return line->type == 't' && slice_eq(line->value, SLICE("0 0")) ? SLICE("permanent") : SLICE_NONE;
}

static Slice name_of_line(const SdpLine *line)
{
  for (size_t i = 0; i < G_N_ELEMENTS(LINES); i++)
    if (LINES[i].type == line->type)
      return slice_from_string(LINES[i].name);
  return SLICE("line");
}

static void put_line_words(TreeBuilder *tree, const SdpLine *line)
{
  for (size_t i = 0; i < G_N_ELEMENTS(LINES); i++)
    if (LINES[i].type == line->type)
      put_words(tree, LINES[i].words, line->value);
}

/* The next line with all its octets. */
static bool next_line(Slice *rest, SdpLine *ret_line, Slice *ret_text)
{
  Slice before = *rest;

  if (!sdp_line_next(rest, ret_line))
    return false;
  *ret_text = slice_trim(slice_head(before, before.len - rest->len));
  return true;
}

static void put_attribute(TreeBuilder *tree, Slice text, Slice value)
{
  Slice rest = value, name = slice_trim(slice_cut(&rest, ':'));
  bool valued = name.len < value.len;

  tree_begin(tree, &(TreeItem){.name = tree_format(tree, "a= %.*s", SLICE_ARG(name)),
                               .value = valued ? slice_trim(rest) : SLICE_NONE,
                               .octets = text,
                               .kind = TREE_LINE,
                               .closed = true});
  for (size_t i = 0; valued && i < G_N_ELEMENTS(ATTRIBUTES); i++)
    if (slice_eq_nocase(name, slice_from_string(ATTRIBUTES[i].name)))
      put_words(tree, ATTRIBUTES[i].words, rest);
  tree_end(tree);
}

static void put_lines(TreeBuilder *tree, Slice rest)
{
  SdpLine line;
  Slice text;

  while (!tree->cut && next_line(&rest, &line, &text)) {
    if (line.type == 'a') {
      put_attribute(tree, text, line.value);
      continue;
    }
    tree_begin(tree, &(TreeItem){.name = name_of_line(&line),
                                 .value = line.value,
                                 .note = note_of_line(&line),
                                 .octets = text,
                                 .kind = TREE_LINE,
                                 .closed = true});
    put_line_words(tree, &line);
    tree_end(tree);
  }
}

/* --- media descriptions --- */

/* "PCMU/8000", "opus/48000/2"; a format that nothing names is only itself. */
static Slice codec_text(TreeBuilder *tree, const SdpCodec *codec)
{
  if (!codec->name.data)
    return SLICE("unknown");
  if (codec->clock_rate == 0)
    return codec->name;
  if (codec->channels > 1)
    return tree_format(tree, "%.*s/%u/%u", SLICE_ARG(codec->name), codec->clock_rate,
                       codec->channels);
  return tree_format(tree, "%.*s/%u", SLICE_ARG(codec->name), codec->clock_rate);
}

static void put_codecs(TreeBuilder *tree, const SdpMedia *media)
{
  SdpCodecIter iter = sdp_codecs(media);
  SdpCodec codec;

  while (!tree->cut && sdp_codec_next(&iter, &codec))
    tree_put(tree, &(TreeItem){.name = tree_format(tree, "format %.*s", SLICE_ARG(codec.format)),
                               .value = codec_text(tree, &codec),
                               .note = codec.fmtp,
                               .octets = codec.format,
                               .kind = TREE_PART,
                               .style = STYLE_SDP});
}

/* What the description offers in a few words: "10.0.0.1:8000 sendrecv". */
static Slice media_note(TreeBuilder *tree, const SdpMedia *media)
{
  const char *direction = sdp_direction_name(media->direction);
  bool ipv6 = slice_find(media->connection.address, ':') < media->connection.address.len;

  if (media->refused)
    return SLICE("refused");
  if (!media->connection.address.data)
    return slice_from_string(direction);
  return tree_format(tree, ipv6 ? "[%.*s]:%u %s" : "%.*s:%u %s",
                     SLICE_ARG(media->connection.address), media->port, direction);
}

static void put_media(TreeBuilder *tree, const SdpMedia *media, Slice text)
{
  Slice value = text;

  slice_cut(&value, '=');
  tree_begin(tree, &(TreeItem){.name = SLICE("m= media"),
                               .value = slice_trim(value),
                               .note = media_note(tree, media),
                               .octets = text,
                               .kind = TREE_LINE,
                               .style = STYLE_SDP});
  tree_put_part(tree, "type", media->type);
  sdp_take_word(&value);
  tree_put_part(tree, "port", sdp_take_word(&value));
  tree_put_part(tree, "protocol", media->protocol);
  put_codecs(tree, media);
  put_lines(tree, media->lines);
  tree_end(tree);
}

bool tree_put_sdp(TreeBuilder *tree, Slice body)
{
  Sdp sdp;
  SdpMedia media;
  SdpLine line;
  Slice text;

  if (!sdp_parse(body, &sdp))
    return false;
  put_lines(tree, sdp.lines);
  for (Slice rest = sdp.media; !tree->cut && rest.len > 0;) {
    Slice first = rest;
    if (!next_line(&first, &line, &text) || !sdp_media_next(&sdp, &rest, &media))
      break;
    put_media(tree, &media, text);
  }
  return true;
}
