#include "ui/view/help_view.h"

#include "capture/language.h"
#include "ui/show/text.h"
#include "ui/view/widget/ask.h"
#include "ui/view/widget/table.h"

/* --- the text --- */

/* Groups of commands in the help of a screen. */
typedef enum {
  GROUP_MOVING,
  GROUP_SCREEN,
  GROUP_EVERYWHERE,
  GROUP_COUNT,
} Group;

static const char *const GROUP_TITLES[GROUP_COUNT] = {N_("Moving"), N_("This screen"),
                                                      N_("Everywhere")};

/* Commands that all kinds of views but one have count as everywhere. */
static Group group_of(CommandId id)
{
  unsigned missing = SCOPE_ANY & ~COMMANDS[id].scopes;

  if (id >= COMMAND_UP && id <= COMMAND_END)
    return GROUP_MOVING;
  if ((missing & (missing - 1)) == 0 || (id >= COMMAND_LEAVE && id <= COMMAND_LEAVE_ASKED))
    return GROUP_EVERYWHERE;
  return id == COMMAND_HELP_CALLS ? GROUP_EVERYWHERE : GROUP_SCREEN;
}

/* What screens show without a word. */
typedef struct {
  CommandScope scope;
  const char *sign, *meaning;
} HelpSign;

static void line_clear(gpointer data)
{
  HelpLine *line = data;

  g_free(line->keys);
  g_free(line->text);
}

static void add_help(GArray *lines, HelpKind kind, const char *keys, const char *text)
{
  HelpLine line = {kind, g_strdup(keys), g_strdup(_(text))};

  g_array_append_val(lines, line);
}

static void add_help_heading(GArray *lines, const char *text)
{
  add_help(lines, HELP_SENTENCE, "", "");
  add_help(lines, HELP_HEADING, "", text);
}

static void add_group(GArray *lines, Group group, CommandScope scope, const Keymap *keymap)
{
  add_help_heading(lines, GROUP_TITLES[group]);
  for (CommandId id = COMMAND_NONE + 1; id < COMMAND_COUNT; id++) {
    g_autoptr(GString) keys = g_string_new(NULL);
    if ((COMMANDS[id].scopes & scope) == 0 || group_of(id) != group)
      continue;
    keymap_append_keys(keymap, id, keys);
    if (keys->len == 0)
      g_string_append_printf(keys, ":%s", COMMANDS[id].name);
    add_help(lines, HELP_ENTRY, keys->str, COMMANDS[id].help);
  }
}

static const HelpSign SIGNS[] = {
  {SCOPE_CALLS, "\342\200\242", N_("the call is marked")},
  {SCOPE_CALLS, "~ \342\200\246", N_("there is more of the text than fits")},
  {SCOPE_FLOW, "(R)", N_("sent again: a retransmission")},
  {SCOPE_FLOW, "(D)", N_("captured twice: the same packet at two places")},
  {SCOPE_FLOW, "(!)", N_("incomplete: bytes of the message are missing")},
  {SCOPE_FLOW, "x2", N_("so many copies of the message, which are hidden")},
  {SCOPE_FLOW, "+1", N_("one codec more, or as many as the number says")},
};

static GArray *lines_new(void)
{
  GArray *lines = g_array_new(FALSE, FALSE, sizeof(HelpLine));

  g_array_set_clear_func(lines, line_clear);
  return lines;
}

GArray *help_filter_lines_new(void)
{
  static const char *const ROWS[][2] = {
    {NULL, N_("Type what the rows should have, or an expression; the list changes as you type.")},
    {N_("Words"), NULL},
    {"failed", N_("a state or outcome: calling ringing in-call completed answered busy cancelled "
                  "redirected failed unanswered")},
    {"invite options", N_("a method: calls of that kind; bye, refer and others: calls with such a "
                          "request")},
    {"4xx", N_("a class of statuses")},
    {"bob", N_("any other word: rows with it in a column that is shown")},
    {"7927*", N_("* stands for any characters")},
    {"\"max-forwards\"", N_("a text in quotes: calls with it in a message")},
    {N_("Joined"), NULL},
    {"!options", "not"},
    {"failed && bob", N_("and, &&; or, ||; not, !; ( )")},
    {N_("Fields"), NULL},
    {"call.status == 486", N_("compare: == != < <= > >=; Tab completes fields and their words")},
    {"call.status in {486, 4xx}", N_("one of several, also 400..499")},
    {"call.ring > 3s", N_("durations: 250ms 3s 2min 1h")},
    {"call.endpoints == 10.0.0.0/8", N_("addresses, networks, 10.0.0.1:5060")},
    {"from.user contains 49",
     N_("contains, or matches a regular expression, without regard to case")},
    {"call.reason", N_("a field alone: it is there")},
    {"any(message.status >= 500)", N_("some message; all(...): every message")},
    {NULL, ""},
    {NULL, N_("Fields of messages joined by && are looked for in one and the same message.  "
              "'rung help filter' and 'rung help fields' say more.")},
  };
  GArray *lines = lines_new();

  for (size_t i = 0; i < G_N_ELEMENTS(ROWS); i++)
    if (!ROWS[i][1])
      add_help_heading(lines, ROWS[i][0]);
    else if (!ROWS[i][0])
      add_help(lines, i == 0 ? HELP_HINT : HELP_SENTENCE, "", ROWS[i][1]);
    else
      add_help(lines, HELP_SIGN, ROWS[i][0], ROWS[i][1]);
  return lines;
}

GArray *help_lines_new(CommandScope scope, const Keymap *keymap)
{
  GArray *lines = lines_new();

  add_help(lines, HELP_HINT, "", screen_info(scope)->sentence);
  for (Group group = 0; group < GROUP_COUNT; group++)
    add_group(lines, group, scope, keymap);
  bool any = false;
  for (size_t i = 0; i < G_N_ELEMENTS(SIGNS); i++) {
    if ((SIGNS[i].scope & scope) == 0)
      continue;
    if (!any)
      add_help_heading(lines, _("Signs"));
    any = true;
    add_help(lines, HELP_SIGN, SIGNS[i].sign, SIGNS[i].meaning);
  }
  add_help_heading(lines, _("Names"));
  add_help(
    lines, HELP_SENTENCE, "",
    _("The palette (:) and the configuration use these names, such as up = Up k in [keys] of "
      "~/.config/rung/config.  'rung -D' prints the complete configuration."));
  for (CommandId id = COMMAND_NONE + 1; id < COMMAND_COUNT; id++) {
    g_autoptr(GString) keys = g_string_new(NULL);
    if ((COMMANDS[id].scopes & scope) == 0)
      continue;
    keymap_append_keys(keymap, id, keys);
    add_help(lines, HELP_ENTRY, COMMANDS[id].name, keys->str);
  }
  return lines;
}

enum { KEYS_COLUMN = 12, NAME_COLUMN = 15, HELP_COLUMN = 31, WIDTH = 80 };

/* At least `width` wide, and a blank. */
static void append_at_least(GString *to, const char *text, unsigned width)
{
  unsigned used = text_width(slice_from_string(text));

  g_string_append(to, text);
  text_append_spaces(to, MAX(width, used) - used + 1);
}

/* From HELP_COLUMN on, on as many lines as needed. */
static void append_wrapped(GString *to, const char *text)
{
  Slice rest = slice_from_string(text);

  do {
    Slice words = text_take_words(&rest, WIDTH - HELP_COLUMN);
    g_string_append_printf(to, "%.*s\n%*s", SLICE_ARG(words), rest.len > 0 ? HELP_COLUMN : 0, "");
  } while (rest.len > 0);
}

static void append_command_keys(GString *to, CommandId id, const Keymap *keymap)
{
  g_autoptr(GString) keys = g_string_new(NULL);

  keymap_append_keys(keymap, id, keys);
  g_string_append(to, "  ");
  append_at_least(to, keys->str, KEYS_COLUMN);
  append_at_least(to, COMMANDS[id].name, NAME_COLUMN);
  append_wrapped(to, _(COMMANDS[id].help));
}

void help_append_keys(GString *to, const Keymap *keymap)
{
  g_string_append(to, _("Everywhere\n"));
  for (CommandId id = COMMAND_NONE + 1; id < COMMAND_COUNT; id++)
    if (group_of(id) != GROUP_SCREEN)
      append_command_keys(to, id, keymap);
  for (unsigned i = 0; i < SCREEN_COUNT; i++) {
    const ScreenInfo *screen = &SCREENS[i];
    g_string_append_printf(to, "\n%c%s\n", g_ascii_toupper(*_(screen->title)),
                           _(screen->title) + 1);
    for (CommandId id = COMMAND_NONE + 1; id < COMMAND_COUNT; id++)
      if (group_of(id) == GROUP_SCREEN && (COMMANDS[id].scopes & screen->scope) != 0)
        append_command_keys(to, id, keymap);
  }
}

/* --- the screen --- */

enum { STACKED_BELOW = 48, KEYS_WIDTH_MAX = 28, GAP = 2, MARGIN = 1 };

/* A line of the screen: a piece of a HelpLine. */
typedef struct {
  Slice keys, text; /* of the view's lines */
  HelpKind kind;
} HelpRow;

typedef struct {
  View view;
  CommandScope scope; /* it explains */
  const char *title;  /* of what it explains */
  GArray *lines;      /* HelpLine */
  GArray *rows;       /* HelpRow, as wide as `width` */
  int width, height;  /* of the last draw */
  int keys_width;
  size_t top;
  char *wanted; /* last search_help, or NULL */
  size_t found; /* row of the last match */
} HelpView;

static void help_append_title(const View *view, GString *to)
{
  g_string_append_printf(to, _("help: %s"), ((const HelpView *) view)->title);
}

static void help_close(View *view)
{
  HelpView *help = (HelpView *) view;

  g_array_unref(help->lines);
  g_array_unref(help->rows);
  g_free(help->wanted);
  g_free(help);
}

static void add_help_row(HelpView *help, HelpRow row)
{
  g_array_append_val(help->rows, row);
}

static bool is_stacked(const HelpView *help)
{
  return help->width < STACKED_BELOW;
}

static int text_offset(const HelpView *help, const HelpRow *row)
{
  if (row->kind != HELP_ENTRY && row->kind != HELP_SIGN)
    return MARGIN;
  return is_stacked(help) ? MARGIN + GAP : MARGIN + help->keys_width + GAP;
}

static void add_help_line(HelpView *help, const HelpLine *line)
{
  Slice rest = slice_from_string(line->text), keys = slice_from_string(line->keys);
  HelpRow row = {keys, SLICE_NONE, line->kind};
  int width = help->width - text_offset(help, &row) - MARGIN;

  if (is_stacked(help) && keys.len > 0) {
    add_help_row(help, row);
    row.keys = SLICE_NONE;
  }
  do {
    row.text = text_take_words(&rest, (unsigned) MAX(width, 0));
    add_help_row(help, row);
    row.keys = SLICE_NONE;
  } while (rest.len > 0);
}

static void lay_out_help(HelpView *help, int width)
{
  unsigned keys_width = 0;

  for (unsigned i = 0; i < help->lines->len; i++) {
    const HelpLine *line = &g_array_index(help->lines, HelpLine, i);
    keys_width = MAX(keys_width, text_width(slice_from_string(line->keys)));
  }
  help->width = width;
  help->keys_width = (int) MIN(keys_width, KEYS_WIDTH_MAX);
  g_array_set_size(help->rows, 0);
  for (unsigned i = 0; i < help->lines->len; i++)
    add_help_line(help, &g_array_index(help->lines, HelpLine, i));
}

/* Where `word` is in `text`, or text.len; the case of letters does not matter. */
static size_t find_text(Slice text, Slice word)
{
  for (size_t i = 0; i + word.len <= text.len; i++)
    if (slice_starts_with_nocase(slice_from(text, i), word))
      return i;
  return text.len;
}

static void mark_found_help(const HelpView *help, Canvas *canvas, Slice text, Rect at)
{
  Slice wanted = slice_from_string(help->wanted);
  size_t found = wanted.len > 0 ? find_text(text, wanted) : text.len;

  if (found == text.len)
    return;
  at.x += (int) text_width(slice_head(text, found));
  at.width = (int) text_width(wanted);
  canvas_mark(canvas, at, CELL_FOUND);
}

static void draw_help_row(const HelpView *help, Canvas *canvas, const HelpRow *row, Rect at)
{
  static const Style STYLES_OF_KINDS[] = {
    [HELP_SENTENCE] = STYLE_PLAIN, [HELP_HEADING] = STYLE_HEADING, [HELP_ENTRY] = STYLE_PLAIN,
    [HELP_SIGN] = STYLE_PLAIN,     [HELP_HINT] = STYLE_HINT,
  };
  Rect keys = at, text = at;

  rect_cut_left(&keys, MARGIN);
  rect_cut_left(&text, text_offset(help, row));
  if (!is_stacked(help))
    keys.width = MIN(keys.width, help->keys_width);
  canvas_put_cell(canvas, keys, &(CanvasText){row->keys, STYLE_KEY, TEXT_LEFT});
  if (row->keys.len == 0)
    canvas_fill(canvas, keys, STYLE_PLAIN);
  if (row->text.len > 0)
    canvas_put(canvas, text.x, text.y, STYLES_OF_KINDS[row->kind], row->text);
  mark_found_help(help, canvas, row->keys, keys);
  mark_found_help(help, canvas, row->text, text);
}

static size_t top_max(const HelpView *help)
{
  size_t height = (size_t) MAX(help->height, 1);

  return help->rows->len > height ? help->rows->len - height : 0;
}

static void help_draw(View *view, Canvas *canvas, Rect area)
{
  HelpView *help = (HelpView *) view;
  Rect edge = area;

  help->height = area.height;
  if (area.width != help->width)
    lay_out_help(help, area.width);
  help->top = MIN(help->top, top_max(help));
  for (int y = 0; y < area.height && help->top + (size_t) y < help->rows->len; y++)
    draw_help_row(help, canvas, &g_array_index(help->rows, HelpRow, help->top + (size_t) y),
                  (Rect){area.x, area.y + y, area.width, 1});
  edge = rect_cut_right(&edge, 1);
  if (help->top > 0)
    canvas_put_glyph(canvas, edge.x, edge.y, STYLE_DIM, GLYPH_UP);
  if (help->top < top_max(help))
    canvas_put_glyph(canvas, edge.x, edge.y + edge.height - 1, STYLE_DIM, GLYPH_DOWN);
}

/* The next row with the text becomes the topmost, as far as possible. */
static void search_help(HelpView *help, size_t from, int step)
{
  Slice wanted = slice_from_string(help->wanted);
  size_t count = help->rows->len;

  for (size_t i = 0; wanted.len > 0 && i < count; i++) {
    size_t row = step > 0 ? (from + i) % count : (from % count + count - i) % count;
    const HelpRow *at = &g_array_index(help->rows, HelpRow, row);
    if (find_text(at->text, wanted) < at->text.len || find_text(at->keys, wanted) < at->keys.len) {
      help->top = help->found = row;
      return;
    }
  }
  host_tell(help->view.host, STYLE_WARNING, "'%.40s' not found", help->wanted ? help->wanted : "");
}

static void searched(void *data, Host *host, const char *text)
{
  HelpView *help = data;

  (void) host;
  g_free(help->wanted);
  help->wanted = g_strdup(text);
  if (*text)
    search_help(help, help->top, 1);
}

static bool search_command(HelpView *help, CommandId id)
{
  size_t count = MAX(help->rows->len, 1);

  if (id == COMMAND_SEARCH)
    ask_line(help->view.host, &(AskSetup){.label = _("search: "), .done = searched, .data = help});
  else if (id == COMMAND_SEARCH_NEXT)
    search_help(help, (help->found + 1) % count, 1);
  else if (id == COMMAND_SEARCH_PREVIOUS)
    search_help(help, (help->found + count - 1) % count, -1);
  else
    return false;
  return true;
}

/* One line of the previous page stays visible. */
static bool scroll_help(HelpView *help, CommandId id)
{
  int rows;

  if (!scroll_rows(id, help->height - 1, &rows))
    return false;
  help->top = (size_t) CLAMP((int64_t) help->top + rows, 0, (int64_t) top_max(help));
  return true;
}

static bool help_command(View *view, CommandId id)
{
  HelpView *help = (HelpView *) view;

  if (id == COMMAND_HELP && help->scope == SCOPE_HELP)
    return true; /* no help about help about help */
  return scroll_help(help, id) || search_command(help, id);
}

static View *view_new(Host *host, CommandScope scope, GArray *lines)
{
  static const ViewOps OPS = {
    .scope = SCOPE_HELP,
    .append_title = help_append_title,
    .draw = help_draw,
    .command = help_command,
    .close = help_close,
  };
  HelpView *help = g_new0(HelpView, 1);

  help->view = (View){.ops = &OPS, .host = host};
  help->scope = scope;
  help->title = _(screen_info(scope)->title);
  help->lines = lines;
  help->rows = g_array_new(FALSE, FALSE, sizeof(HelpRow));
  return &help->view;
}

View *help_view_new(Host *host, CommandScope scope)
{
  return view_new(host, scope, help_lines_new(scope, host_model(host)->keymap));
}

View *help_filter_view_new(Host *host)
{
  View *view = view_new(host, SCOPE_CALLS, help_filter_lines_new());

  ((HelpView *) view)->title = N_("filter");
  return view;
}
