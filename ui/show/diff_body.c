/* Bodies compared line by line; session descriptions media by media, so that a line of one is never
 * taken for that of another. */
#include "dissect/sip/sip_body.h"
#include "ui/show/diff_build.h"
#include "ui/show/text.h"

enum { LEFT, RIGHT, SIDES, LINES_MAX = DIFF_ROWS_MAX };

typedef struct {
  Slice text;
  uint32_t hash;
  uint32_t key; /* of lines that say something about the same thing; 0: of none */
} Line;

/* The lines of both bodies that are compared with each other. */
typedef struct {
  const Line *lines[SIDES];
  uint32_t counts[SIDES];
} Section;

/* --- lines --- */

static Slice first_word(Slice s)
{
  size_t len = 0;

  while (len < s.len && !memchr(" \t/;", s.data[len], 4))
    len++;
  return slice_head(s, len);
}

static bool is_direction(Slice line)
{
  static const char *const LINES[] = {"a=sendrecv", "a=sendonly", "a=recvonly", "a=inactive"};

  for (size_t i = 0; i < G_N_ELEMENTS(LINES); i++)
    if (slice_eq(line, slice_from_string(LINES[i])))
      return true;
  return false;
}

/* "a=rtpmap:101", "a=ptime", "c", "Signal", "<CmdType": what stands before the value. */
static Slice key_of(Slice line)
{
  static const char *const NUMBERED[] = {"a=rtpmap", "a=fmtp", "a=rtcp-fb", "a=extmap"};
  size_t end = 0;

  if (line.len >= 2 && line.data[1] == '=' && line.data[0] != 'a')
    return slice_head(line, 1);
  if (is_direction(line))
    return SLICE("a=sendrecv");
  while (line.len > 0 && line.data[0] == '<' && end < line.len && !memchr("> ", line.data[end], 2))
    end++;
  if (end == 0)
    end = MIN(slice_find(line, ':'), slice_find(slice_from(line, 2), '=') + 2);
  for (size_t i = 0; i < G_N_ELEMENTS(NUMBERED); i++)
    if (slice_eq(slice_head(line, end), slice_from_string(NUMBERED[i])))
      return slice_head(line, end + 1 + first_word(slice_from(line, end + 1)).len);
  return end < line.len || (line.len > 2 && line.data[1] == '=') ? slice_head(line, end)
                                                                 : SLICE_NONE;
}

static GArray *read_lines(DiffBuilder *builder, Slice body)
{
  GArray *lines = g_array_new(false, false, sizeof(Line));

  while (body.len > 0 && lines->len < LINES_MAX) {
    Slice text = slice_take_line(&body), key = key_of(text);
    Line line = {text, text_hash(text), key.data ? text_hash(key) : 0};
    g_array_append_val(lines, line);
  }
  builder->cut |= body.len > 0;
  return lines;
}

static unsigned score_lines(const void *data, uint32_t left, uint32_t right)
{
  const Section *section = data;
  const Line *a = &section->lines[LEFT][left], *b = &section->lines[RIGHT][right];

  if (a->hash == b->hash && slice_eq(a->text, b->text))
    return a->text.len > 0 ? ALIGN_SAME : ALIGN_EQUAL;
  return a->key != 0 && a->key == b->key ? ALIGN_ALIKE : 0;
}

/* --- rows --- */

static void add_pair(DiffBuilder *builder, const Section *section, AlignPair pair)
{
  DiffRow row = {.kind = DIFF_CHANGED, .place = DIFF_BODY};

  if (pair.left != ALIGN_NONE)
    row.left.text = section->lines[LEFT][pair.left].text;
  if (pair.right != ALIGN_NONE)
    row.right.text = section->lines[RIGHT][pair.right].text;
  if (pair.right == ALIGN_NONE)
    row.kind = DIFF_LEFT;
  else if (pair.left == ALIGN_NONE)
    row.kind = DIFF_RIGHT;
  else if (slice_eq(row.left.text, row.right.text))
    row.kind = DIFF_SAME;
  diff_add_row(builder, &row);
}

static void add_section(DiffBuilder *builder, const Section *section)
{
  g_autoptr(GArray) pairs = g_array_new(false, false, sizeof(AlignPair));

  align_items(&(AlignInput){.left_count = section->counts[LEFT],
                            .right_count = section->counts[RIGHT],
                            .score = score_lines,
                            .data = section,
                            .window = ALIGN_WINDOW_MAX,
                            .cost = 1,
                            .budget = &builder->budget},
              pairs);
  for (guint i = 0; i < pairs->len; i++)
    add_pair(builder, section, g_array_index(pairs, AlignPair, i));
}

/* --- session descriptions --- */

/* Lines of the session, or of one media description. */
typedef struct {
  uint32_t start, count;
  Slice media; /* "m=audio"; empty of the session */
} Part;

typedef struct {
  const GArray *lines[SIDES];
  GArray *parts[SIDES]; /* Part */
} Parts;

static bool is_sdp(const SipMsg *sip)
{
  Slice sdp = sip_msg_sdp(sip);

  return sdp.data && sdp.data == sip->body.data;
}

/* Freed with g_array_unref. */
static GArray *split_parts(const GArray *lines, bool by_media)
{
  GArray *parts = g_array_new(false, false, sizeof(Part));
  Part part = {0};

  for (uint32_t i = 0; i < lines->len; i++) {
    Slice text = g_array_index(lines, Line, i).text;

    if (by_media && slice_starts_with(text, SLICE("m="))) {
      g_array_append_val(parts, part);
      part = (Part){.start = i, .media = first_word(text)};
    }
    part.count++;
  }
  g_array_append_val(parts, part);
  return parts;
}

static const Part *part_at(const Parts *parts, unsigned side, uint32_t i)
{
  return &g_array_index(parts->parts[side], Part, i);
}

static unsigned score_parts(const void *data, uint32_t left, uint32_t right)
{
  return slice_eq(part_at(data, LEFT, left)->media, part_at(data, RIGHT, right)->media)
           ? ALIGN_EQUAL
           : 0;
}

static void add_parts(DiffBuilder *builder, const Parts *parts, AlignPair pair)
{
  uint32_t items[SIDES] = {pair.left, pair.right};
  Section section = {0};

  for (unsigned side = LEFT; side < SIDES; side++) {
    const Part *part = items[side] == ALIGN_NONE ? NULL : part_at(parts, side, items[side]);
    if (!part || part->count == 0) /* there may be no lines at all */
      continue;
    section.lines[side] = &g_array_index(parts->lines[side], Line, part->start);
    section.counts[side] = part->count;
  }
  add_section(builder, &section);
}

static Slice whole_body(const SipMsg *sip)
{
  return slice_from(sip->raw, sip->header_len);
}

void diff_add_bodies(DiffBuilder *builder, const SipMsg *left, const SipMsg *right)
{
  g_autoptr(GArray) left_lines = read_lines(builder, whole_body(left));
  g_autoptr(GArray) right_lines = read_lines(builder, whole_body(right));
  bool by_media = is_sdp(left) && is_sdp(right);
  g_autoptr(GArray) left_parts = split_parts(left_lines, by_media);
  g_autoptr(GArray) right_parts = split_parts(right_lines, by_media);
  g_autoptr(GArray) pairs = g_array_new(false, false, sizeof(AlignPair));
  Parts parts = {{left_lines, right_lines}, {left_parts, right_parts}};

  align_items(&(AlignInput){.left_count = left_parts->len,
                            .right_count = right_parts->len,
                            .score = score_parts,
                            .data = &parts,
                            .window = ALIGN_WINDOW_MAX,
                            .cost = 1,
                            .budget = &builder->budget},
              pairs);
  for (guint i = 0; i < pairs->len; i++)
    add_parts(builder, &parts, g_array_index(pairs, AlignPair, i));
}
