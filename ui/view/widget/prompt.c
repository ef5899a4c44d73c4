#include "ui/view/widget/prompt.h"

#include "ui/show/text.h"

enum { LIST_MAX = 8 }; /* completions shown at once */

struct Prompt {
  char *label;
  GString *text;
  size_t cursor; /* bytes before it */
  PromptComplete complete;
  PromptDescribe describe; /* or NULL */
  void *data;
  GPtrArray *history;    /* the owner's, or NULL */
  unsigned history_at;   /* line shown; history->len: the one that is typed */
  char *draft;           /* what was typed before the history was used */
  GPtrArray *candidates; /* char *; empty while nothing is being completed */
  size_t candidate_start;
  int candidate; /* the one in the text, or -1 */
};

Prompt *prompt_new(const char *label, const char *text)
{
  Prompt *prompt = g_new0(Prompt, 1);

  prompt->label = g_strdup(label);
  prompt->text = g_string_new(NULL);
  prompt->candidates = g_ptr_array_new_with_free_func(g_free);
  prompt_set_text(prompt, text ? text : "");
  return prompt;
}

void prompt_free(Prompt *prompt)
{
  if (!prompt)
    return;
  g_free(prompt->label);
  g_free(prompt->draft);
  g_string_free(prompt->text, TRUE);
  g_ptr_array_unref(prompt->candidates);
  g_free(prompt);
}

void prompt_set_complete(Prompt *prompt, PromptComplete complete, void *data)
{
  prompt->complete = complete;
  prompt->data = data;
}

void prompt_set_describe(Prompt *prompt, PromptDescribe describe)
{
  prompt->describe = describe;
}

void prompt_set_history(Prompt *prompt, GPtrArray *history)
{
  prompt->history = history;
  prompt->history_at = history->len;
}

void prompt_remember(Prompt *prompt)
{
  GPtrArray *history = prompt->history;
  unsigned at;

  if (!history || prompt->text->len == 0)
    return;
  if (g_ptr_array_find_with_equal_func(history, prompt->text->str, g_str_equal, &at))
    g_ptr_array_remove_index(history, at);
  if (history->len >= PROMPT_HISTORY_MAX)
    g_ptr_array_remove_index(history, 0);
  g_ptr_array_add(history, g_strdup(prompt->text->str));
  prompt->history_at = history->len;
}

const char *prompt_text(const Prompt *prompt)
{
  return prompt->text->str;
}

static void put_text(Prompt *prompt, const char *text)
{
  g_autofree char *valid = g_utf8_make_valid(text, (gssize) strnlen(text, PROMPT_TEXT_MAX));

  g_string_assign(prompt->text, valid);
  prompt->cursor = prompt->text->len;
}

void prompt_set_text(Prompt *prompt, const char *text)
{
  put_text(prompt, text);
  g_ptr_array_set_size(prompt->candidates, 0);
  prompt->history_at = prompt->history ? prompt->history->len : 0;
}

/* Where the character before `at` begins; combining ones go with theirs. */
static size_t before(const Prompt *prompt, size_t at)
{
  char *start = prompt->text->str, *p = start + at;

  while (p > start) {
    p = g_utf8_prev_char(p);
    if (!g_unichar_iszerowidth(g_utf8_get_char(p)))
      break;
  }
  return (size_t) (p - start);
}

static size_t after(const Prompt *prompt, size_t at)
{
  char *start = prompt->text->str, *p = start + at;

  if (*p)
    p = g_utf8_next_char(p);
  while (*p && g_unichar_iszerowidth(g_utf8_get_char(p)))
    p = g_utf8_next_char(p);
  return (size_t) (p - start);
}

/* Where the word before the cursor begins. */
static size_t word_start(const Prompt *prompt)
{
  size_t at = prompt->cursor;

  while (at > 0 && prompt->text->str[at - 1] == ' ')
    at--;
  while (at > 0 && prompt->text->str[at - 1] != ' ')
    at--;
  return at;
}

static PromptResult erase(Prompt *prompt, size_t from, size_t to)
{
  if (from == to)
    return PROMPT_MOVED;
  g_string_erase(prompt->text, (gssize) from, (gssize) (to - from));
  prompt->cursor = from;
  return PROMPT_EDITED;
}

static PromptResult type(Prompt *prompt, KeyCode code)
{
  char bytes[6];
  int len = g_unichar_to_utf8(code, bytes);

  if (prompt->text->len + (size_t) len > PROMPT_TEXT_MAX)
    return PROMPT_MOVED;
  g_string_insert_len(prompt->text, (gssize) prompt->cursor, bytes, len);
  prompt->cursor += (size_t) len;
  return PROMPT_EDITED;
}

static PromptResult move_cursor(Prompt *prompt, size_t to)
{
  prompt->cursor = to;
  return PROMPT_MOVED;
}

/* Goes `step` lines through the history; after the newest comes what was typed. */
static PromptResult recall(Prompt *prompt, int step)
{
  GPtrArray *history = prompt->history;
  unsigned length = history ? history->len : 0;
  unsigned to = prompt->history_at + (unsigned) step; /* below 0 it wraps: beyond the length */

  if (!history)
    return PROMPT_IGNORED;
  if (to > length)
    return PROMPT_MOVED;
  if (prompt->history_at == length) {
    g_free(prompt->draft);
    prompt->draft = g_strdup(prompt->text->str);
  }
  prompt->history_at = to;
  put_text(prompt, to == length ? prompt->draft : g_ptr_array_index(history, to));
  return PROMPT_EDITED;
}

static void replace_word(Prompt *prompt, Slice with)
{
  g_string_erase(prompt->text, (gssize) prompt->candidate_start,
                 (gssize) (prompt->cursor - prompt->candidate_start));
  g_string_insert_len(prompt->text, (gssize) prompt->candidate_start, with.data, (gssize) with.len);
  prompt->cursor = prompt->candidate_start + with.len;
}

/* The common start of all candidates. */
static Slice common_start(const GPtrArray *candidates)
{
  Slice common = slice_from_string(g_ptr_array_index(candidates, 0));

  for (unsigned i = 1; i < candidates->len; i++) {
    const char *other = g_ptr_array_index(candidates, i);
    size_t len = 0;
    while (len < common.len && other[len] == common.data[len])
      len++;
    common.len = len;
  }
  while (common.len > 0 && ((unsigned char) common.data[common.len] & 0xc0) == 0x80)
    common.len--; /* not inside a character */
  return common;
}

static PromptResult begin_completion(Prompt *prompt)
{
  Slice before_cursor = slice_of(prompt->text->str, prompt->cursor);

  if (!prompt->complete)
    return PROMPT_IGNORED;
  prompt->candidate = -1;
  prompt->candidate_start = prompt->complete(prompt->data, before_cursor, prompt->candidates);
  g_assert(prompt->candidate_start <= prompt->cursor);
  if (prompt->candidates->len == 0)
    return PROMPT_MOVED;
  Slice common = common_start(prompt->candidates);
  bool longer = common.len > prompt->cursor - prompt->candidate_start;
  if (prompt->candidates->len == 1 || longer)
    replace_word(prompt, common);
  if (prompt->candidates->len == 1)
    g_ptr_array_set_size(prompt->candidates, 0);
  return PROMPT_EDITED;
}

/* The first Tab completes the common start, the next ones cycle through the candidates. */
static PromptResult complete(Prompt *prompt, int step)
{
  int count = (int) prompt->candidates->len;

  if (count == 0)
    return begin_completion(prompt);
  if (prompt->candidate < 0 && step < 0)
    prompt->candidate = count;
  prompt->candidate = (prompt->candidate + step + count) % count;
  replace_word(prompt, slice_from_string(g_ptr_array_index(prompt->candidates, prompt->candidate)));
  return PROMPT_EDITED;
}

static PromptResult edit(Prompt *prompt, KeyCode code)
{
  size_t cursor = prompt->cursor, length = prompt->text->len;

  switch (code) {
  case KEY_CODE_BACKSPACE:
  case KEY_CODE_CTRL | 'h':
    return erase(prompt, before(prompt, cursor), cursor);
  case KEY_CODE_DELETE:
    return erase(prompt, cursor, after(prompt, cursor));
  case KEY_CODE_CTRL | 'u':
    return erase(prompt, 0, cursor);
  case KEY_CODE_CTRL | 'k':
    return erase(prompt, cursor, length);
  case KEY_CODE_CTRL | 'w':
    return erase(prompt, word_start(prompt), cursor);
  case KEY_CODE_LEFT:
    return move_cursor(prompt, before(prompt, cursor));
  case KEY_CODE_RIGHT:
    return move_cursor(prompt, after(prompt, cursor));
  case KEY_CODE_HOME:
  case KEY_CODE_CTRL | 'a':
    return move_cursor(prompt, 0);
  case KEY_CODE_END:
  case KEY_CODE_CTRL | 'e':
    return move_cursor(prompt, length);
  case KEY_CODE_UP:
    return recall(prompt, -1);
  case KEY_CODE_DOWN:
    return recall(prompt, 1);
  default:
    return key_is_text(code) ? type(prompt, code) : PROMPT_IGNORED;
  }
}

PromptResult prompt_key(Prompt *prompt, const KeyEvent *event)
{
  if (event->code == KEY_CODE_TAB)
    return complete(prompt, 1);
  if (event->code == (KEY_CODE_TAB | KEY_CODE_SHIFT))
    return complete(prompt, -1);
  g_ptr_array_set_size(prompt->candidates, 0);
  if (event->code == KEY_CODE_ENTER)
    return PROMPT_DONE;
  if (event->code == KEY_CODE_ESCAPE || event->code == (KEY_CODE_CTRL | 'c'))
    return PROMPT_CANCELLED;
  return edit(prompt, event->code);
}

/* The page of candidates that contains the current one begins with: */
static unsigned first_candidate(const Prompt *prompt, unsigned page)
{
  unsigned chosen = prompt->candidate < 0 ? 0 : (unsigned) prompt->candidate;

  return chosen - chosen % page;
}

/* A page of candidates in lines, each with what it means. */
static void draw_described(const Prompt *prompt, Canvas *canvas, Rect line)
{
  int room = line.y - 1; /* below the title */
  unsigned page = (unsigned) CLAMP(room, 1, LIST_MAX), first = first_candidate(prompt, page);
  unsigned end = MIN(first + page, prompt->candidates->len), widest = 0;
  Rect at = {line.x, line.y > 0 ? line.y - (int) (end - first) : line.y + 1, line.width, 1};

  for (unsigned i = first; i < end; i++)
    widest = MAX(widest, text_width(slice_from_string(prompt->candidates->pdata[i])));
  for (unsigned i = first; i < end; i++, at.y++) {
    const char *name = g_ptr_array_index(prompt->candidates, i);
    canvas_fill(canvas, at, STYLE_BAR);
    canvas_put_string(canvas, at.x, at.y, STYLE_BAR, name);
    canvas_put_string(canvas, at.x + (int) widest + 2, at.y, STYLE_BAR,
                      prompt->describe(prompt->data, name));
    if ((int) i == prompt->candidate)
      canvas_mark(canvas, at, CELL_CURSOR);
  }
  at.y--;
  if (end < prompt->candidates->len)
    canvas_put_glyph(canvas, at.x + at.width - 1, at.y, STYLE_BAR, GLYPH_ELLIPSIS);
}

/* A page of candidates on one line. */
static void draw_candidates(const Prompt *prompt, Canvas *canvas, Rect at)
{
  unsigned first = first_candidate(prompt, LIST_MAX);
  int x = at.x;

  canvas_fill(canvas, at, STYLE_BAR);
  for (unsigned i = first; i < MIN(first + LIST_MAX, prompt->candidates->len); i++) {
    int start = x;
    x = canvas_put_string(canvas, x, at.y, STYLE_BAR, g_ptr_array_index(prompt->candidates, i));
    if ((int) i == prompt->candidate)
      canvas_mark(canvas, (Rect){start, at.y, x - start, 1}, CELL_CURSOR);
    x += 2;
  }
  if (first + LIST_MAX < prompt->candidates->len)
    canvas_put_glyph(canvas, x, at.y, STYLE_BAR, GLYPH_ELLIPSIS);
}

/* The first byte to show, so that the cursor is visible. */
static size_t first_shown(const Prompt *prompt, unsigned width)
{
  size_t from = prompt->cursor;
  unsigned used = 0;

  while (from > 0) {
    size_t at = before(prompt, from);
    used += text_width(slice_of(prompt->text->str + at, from - at));
    if (used >= width)
      break;
    from = at;
  }
  return from;
}

void prompt_draw(const Prompt *prompt, Canvas *canvas, Rect at, bool has_keys)
{
  Rect line = {at.x, at.y, at.width, 1};
  Rect list = {at.x, at.y > 0 ? at.y - 1 : at.y + 1, at.width, 1};
  Rect before_clip = canvas_clip(canvas, line);

  canvas_fill(canvas, line, STYLE_FIELD);
  int x = canvas_put_string(canvas, at.x, at.y, STYLE_HEADING, prompt->label);
  unsigned width = (unsigned) MAX(at.x + at.width - x, 1);
  size_t from = first_shown(prompt, width);
  Slice left = slice_of(prompt->text->str + from, prompt->cursor - from);
  int cursor = canvas_put(canvas, x, at.y, STYLE_FIELD, left);
  canvas_put_string(canvas, cursor, at.y, STYLE_FIELD, prompt->text->str + prompt->cursor);
  canvas_unclip(canvas, before_clip);
  if (!has_keys)
    return;
  canvas->cursor_x = cursor;
  canvas->cursor_y = at.y;
  if (prompt->candidates->len > 1 && prompt->describe)
    draw_described(prompt, canvas, line);
  else if (prompt->candidates->len > 1)
    draw_candidates(prompt, canvas, list);
}
