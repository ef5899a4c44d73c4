#include "ui/view/help.h"

#include "ui/view/help_text.h"
#include "ui/view/widget/ask.h"
#include "ui/view/widget/scroll.h"

enum { STACKED_BELOW = 48, KEYS_WIDTH_MAX = 22, GAP = 2, MARGIN = 1 };

/* A line of the screen: a piece of a HelpLine. */
typedef struct {
  Slice keys, text; /* of the view's lines */
  HelpKind kind;
} HelpRow;

typedef struct {
  View view;
  CommandScope scope; /* it explains */
  GArray *lines;      /* HelpLine */
  GArray *rows;       /* HelpRow, as wide as `width` */
  int width, height;  /* of the last draw */
  int keys_width;
  size_t top;
  char *wanted; /* the text that was looked for, or NULL */
  size_t found; /* row where it was last */
} HelpView;

static void append_title(const View *view, GString *to)
{
  g_string_append_printf(to, "help: %s", screen_info(((const HelpView *) view)->scope)->title);
}

static void close_view(View *view)
{
  HelpView *help = (HelpView *) view;

  g_array_unref(help->lines);
  g_array_unref(help->rows);
  g_free(help->wanted);
  g_free(help);
}

/* As many words of *rest as fit. */
static Slice take_words(Slice *rest, int width)
{
  unsigned used;
  size_t fit = text_fit(*rest, (unsigned) MAX(width, 1), &used), cut = fit;

  if (fit < rest->len) {
    while (cut > 0 && rest->data[cut] != ' ')
      cut--;
    cut = cut > 0 ? cut : MAX(fit, 1);
  }
  Slice words = slice_head(*rest, cut);
  *rest = slice_trim(slice_from(*rest, cut));
  return words;
}

static void add_row(HelpView *help, HelpRow row)
{
  g_array_append_val(help->rows, row);
}

static bool is_stacked(const HelpView *help)
{
  return help->width < STACKED_BELOW;
}

static int text_offset(const HelpView *help, const HelpRow *row)
{
  if (row->kind != HELP_ENTRY)
    return MARGIN;
  return is_stacked(help) ? MARGIN + GAP : MARGIN + help->keys_width + GAP;
}

static void add_line(HelpView *help, const HelpLine *line)
{
  Slice rest = slice_from_string(line->text), keys = slice_from_string(line->keys);
  HelpRow row = {keys, SLICE_NONE, line->kind};
  int width = help->width - text_offset(help, &row) - MARGIN;

  if (is_stacked(help) && keys.len > 0) {
    add_row(help, row);
    row.keys = SLICE_NONE;
  }
  do {
    row.text = take_words(&rest, width);
    add_row(help, row);
    row.keys = SLICE_NONE;
  } while (rest.len > 0);
}

static void lay_out(HelpView *help, int width)
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
    add_line(help, &g_array_index(help->lines, HelpLine, i));
}

/* Where `word` is in `text`, or text.len; the case of letters does not matter. */
static size_t find_text(Slice text, Slice word)
{
  for (size_t i = 0; i + word.len <= text.len; i++)
    if (slice_starts_with_nocase(slice_from(text, i), word))
      return i;
  return text.len;
}

static void mark_found(const HelpView *help, Canvas *canvas, Slice text, Rect at)
{
  Slice wanted = slice_from_string(help->wanted);
  size_t found = wanted.len > 0 ? find_text(text, wanted) : text.len;

  if (found == text.len)
    return;
  at.x += (int) text_width(slice_head(text, found));
  at.width = (int) text_width(wanted);
  canvas_mark(canvas, at, CELL_FOUND);
}

static Style text_style(HelpKind kind)
{
  return kind == HELP_HEADING ? STYLE_HEADING : kind == HELP_HINT ? STYLE_HINT : STYLE_PLAIN;
}

static void draw_row(const HelpView *help, Canvas *canvas, const HelpRow *row, Rect at)
{
  Rect keys = at, text = at;

  rect_cut_left(&keys, MARGIN);
  rect_cut_left(&text, text_offset(help, row));
  if (!is_stacked(help))
    keys.width = MIN(keys.width, help->keys_width);
  canvas_put_cell(canvas, keys, &(CanvasText){row->keys, STYLE_KEY, TEXT_LEFT});
  if (row->keys.len == 0)
    canvas_fill(canvas, keys, STYLE_PLAIN);
  if (row->text.len > 0)
    canvas_put(canvas, text.x, text.y, text_style(row->kind), row->text);
  mark_found(help, canvas, row->keys, keys);
  mark_found(help, canvas, row->text, text);
}

static size_t top_max(const HelpView *help)
{
  size_t height = (size_t) MAX(help->height, 1);

  return help->rows->len > height ? help->rows->len - height : 0;
}

static void draw(View *view, Canvas *canvas, Rect area)
{
  HelpView *help = (HelpView *) view;
  Rect edge = area;

  help->height = area.height;
  if (area.width != help->width)
    lay_out(help, area.width);
  help->top = MIN(help->top, top_max(help));
  for (int y = 0; y < area.height && help->top + (size_t) y < help->rows->len; y++)
    draw_row(help, canvas, &g_array_index(help->rows, HelpRow, help->top + (size_t) y),
             (Rect){area.x, area.y + y, area.width, 1});
  edge = rect_cut_right(&edge, 1);
  if (help->top > 0)
    canvas_put_glyph(canvas, edge.x, edge.y, STYLE_DIM, GLYPH_UP);
  if (help->top < top_max(help))
    canvas_put_glyph(canvas, edge.x, edge.y + edge.height - 1, STYLE_DIM, GLYPH_DOWN);
}

static bool row_has(const HelpView *help, size_t row, Slice wanted)
{
  const HelpRow *at = &g_array_index(help->rows, HelpRow, row);

  return find_text(at->text, wanted) < at->text.len || find_text(at->keys, wanted) < at->keys.len;
}

/* The next row that has the text becomes the topmost, or as near to that as can be. */
static void search(HelpView *help, size_t from, int step)
{
  Slice wanted = slice_from_string(help->wanted);
  size_t count = help->rows->len;

  for (size_t i = 0; wanted.len > 0 && i < count; i++) {
    size_t row = step > 0 ? (from + i) % count : (from % count + count - i) % count;
    if (row_has(help, row, wanted)) {
      help->top = help->found = row;
      return;
    }
  }
  host_tell(help->view.host, STYLE_WARNING, "'%.40s' is not in this help",
            help->wanted ? help->wanted : "");
}

static void searched(void *data, Host *host, const char *text)
{
  HelpView *help = data;

  (void) host;
  g_free(help->wanted);
  help->wanted = g_strdup(text);
  if (*text)
    search(help, help->top, 1);
}

static bool search_command(HelpView *help, CommandId id)
{
  size_t count = MAX(help->rows->len, 1);

  if (id == COMMAND_SEARCH)
    ask_line(help->view.host, &(AskSetup){.label = "search: ", .done = searched, .data = help});
  else if (id == COMMAND_SEARCH_NEXT)
    search(help, (help->found + 1) % count, 1);
  else if (id == COMMAND_SEARCH_PREVIOUS)
    search(help, (help->found + count - 1) % count, -1);
  else
    return false;
  return true;
}

/* A line of the page before stays in sight. */
static bool scroll(HelpView *help, CommandId id)
{
  int rows;

  if (!scroll_rows(id, help->height - 1, &rows))
    return false;
  help->top = (size_t) CLAMP((int64_t) help->top + rows, 0, (int64_t) top_max(help));
  return true;
}

static bool command(View *view, CommandId id)
{
  HelpView *help = (HelpView *) view;

  if (id == COMMAND_HELP && help->scope == SCOPE_HELP)
    return true; /* no help on the help on help */
  return scroll(help, id) || search_command(help, id);
}

View *help_view_new(Host *host, CommandScope scope)
{
  static const ViewOps OPS = {
    .scope = SCOPE_HELP,
    .append_title = append_title,
    .draw = draw,
    .command = command,
    .close = close_view,
  };
  HelpView *help = g_new0(HelpView, 1);

  help->view = (View){&OPS, host};
  help->scope = scope;
  help->lines = help_lines_new(scope, host_model(host)->keymap);
  help->rows = g_array_new(FALSE, FALSE, sizeof(HelpRow));
  return &help->view;
}
