#include "ui/report/picture.h"

enum {
  BASE = 14,   /* of a text, below the top of its row */
  MIDDLE = 10, /* of an arrow */
  HEAD_LONG = 8,
  HEAD_HIGH = 4,
  LOOP = 22,
};

static const char *const CLASSES[STYLE_COUNT] = {
#define STYLE_CLASS(id, name) [STYLE_##id] = name,
  STYLES(STYLE_CLASS)
#undef STYLE_CLASS
};

static unsigned x_of(unsigned cell)
{
  return PICTURE_MARGIN + cell * PICTURE_CELL;
}

/* The middle of a lifeline. */
static unsigned life_of(unsigned cell)
{
  return x_of(cell) + PICTURE_CELL / 2;
}

unsigned picture_width(const Ladder *ladder)
{
  return x_of(ladder->width) + PICTURE_MARGIN;
}

unsigned picture_names_height(const Ladder *ladder)
{
  return ladder->name_lines * PICTURE_ROW + PICTURE_CELL;
}

typedef struct {
  const char *class_name;
  unsigned x, y, width; /* cells that it takes at most */
  bool ends_there;      /* `x` is its end */
} Place;

static void append_placed(GString *to, Slice text, Place place)
{
  g_autoptr(GString) clipped = g_string_new(NULL);

  text_append_clipped(clipped, text, place.width, TEXT_UTF8);
  Slice shown = slice_of(clipped->str, clipped->len);
  unsigned cells = text_width(shown);
  if (cells == 0)
    return;
  g_string_append_printf(to, "<text class=\"%s\" x=\"%u\" y=\"%u\" textLength=\"%u\"%s>",
                         place.class_name, place.x, place.y, cells * PICTURE_CELL,
                         place.ends_there ? " text-anchor=\"end\"" : "");
  text_append_markup(to, shown);
  g_string_append(to, "</text>");
}

static void append_lifelines(GString *to, const Ladder *ladder, const char *class_name)
{
  g_string_append_printf(to, "<path class=\"%s\" d=\"", class_name);
  for (size_t i = 0; i < ladder->column_count; i++)
    g_string_append_printf(to, "M%u 0v%d", life_of(ladder->columns[i].x), PICTURE_ROW);
  g_string_append(to, "\"/>");
}

void picture_append_names(GString *to, const Ladder *ladder)
{
  for (size_t i = 0; i < ladder->column_count; i++) {
    const LadderColumn *column = &ladder->columns[i];
    for (unsigned line = column->name_top; line < column->name_end; line++) {
      const LadderName *name = &column->name[line];
      append_placed(to, name->text,
                    (Place){.class_name = "name",
                            .x = x_of(name->x),
                            .y = line * PICTURE_ROW + BASE,
                            .width = name->width});
    }
    g_string_append_printf(to, "<path class=\"life\" d=\"M%u %uV%u\"/>\n", life_of(column->x),
                           column->name_end * PICTURE_ROW, picture_names_height(ladder));
  }
}

static void begin_row(GString *to, unsigned y, const char *class_name)
{
  g_string_append_printf(to, "<g class=\"row %s\" transform=\"translate(0,%u)\" data-height=\"%d\"",
                         class_name, y, PICTURE_ROW);
}

static void append_front(GString *to, const Ladder *ladder, Slice number, Slice time)
{
  unsigned end = ladder->number_width + 1 + ladder->time_width;

  append_placed(to, number,
                (Place){"dim", x_of(ladder->number_width), BASE, ladder->number_width, true});
  append_placed(to, time, (Place){"dim", x_of(end), BASE, ladder->time_width, true});
}

/* A triangle whose point is at `x`. */
static void append_head(GString *to, unsigned x, unsigned y, bool to_right)
{
  g_string_append_printf(to, "<path class=\"head\" d=\"M%u %ul%d -%dv%dz\"/>", x, y,
                         to_right ? -HEAD_LONG : HEAD_LONG, HEAD_HIGH, 2 * HEAD_HIGH);
}

static void append_loop(GString *to, const LadderRow *row)
{
  unsigned x = life_of(row->left);
  int away = row->to_right ? -LOOP : LOOP;

  g_string_append_printf(to, "<path class=\"line%s\" d=\"M%u 5h%dv10h%d\"/>",
                         row->dashed ? " dash" : "", x, away, -away);
  append_head(to, x, 15, row->to_right);
}

static void append_arrow(GString *to, const LadderRow *row)
{
  unsigned left = life_of(row->left), right = life_of(row->right);
  unsigned from = row->to_right ? left : left + HEAD_LONG;
  unsigned end = row->to_right ? right - HEAD_LONG : right;

  if (row->doubled)
    g_string_append_printf(to, "<path class=\"line\" d=\"M%u %dH%uM%u %dH%u\"/>", from, MIDDLE - 2,
                           end, from, MIDDLE + 2, end);
  else
    g_string_append_printf(to, "<path class=\"line%s\" d=\"M%u %dH%u\"/>",
                           row->dashed ? " dash" : "", from, MIDDLE, end);
  append_head(to, row->to_right ? right : left, MIDDLE, row->to_right);
}

static void append_label(GString *to, const LadderRow *row)
{
  unsigned x = x_of(row->label_x), width = row->label_width * PICTURE_CELL;

  if (row->label_width == 0)
    return;
  g_string_append_printf(to, "<rect class=\"back\" x=\"%u\" y=\"1\" width=\"%u\" height=\"%d\"/>",
                         x - PICTURE_CELL / 2, width + PICTURE_CELL, PICTURE_ROW - 2);
  append_placed(to, row->label, (Place){"label", x, BASE, row->label_width, false});
}

static void append_mark(GString *to, const PictureMark *mark)
{
  if (!mark->has_finding)
    return;
  g_string_append_printf(to, "<circle class=\"%s\" cx=\"8\" cy=\"%d\" r=\"4\"><title>",
                         finding_severity_name(mark->severity), MIDDLE);
  text_append_markup(to, slice_from_string(mark->finding));
  g_string_append(to, "</title></circle>");
}

void picture_append_row(GString *to, const Ladder *ladder, size_t row, unsigned y,
                        const PictureMark *mark)
{
  const LadderRow *of = &ladder->rows[row];

  begin_row(to, y, mark->is_copy ? "copy" : "");
  g_string_append_c(to, '>');
  append_lifelines(to, ladder, "life");
  append_front(to, ladder, of->number, of->time);
  g_string_append_printf(to, "<g class=\"%s%s\"", mark->message > 0 ? "rung " : "",
                         CLASSES[of->style]);
  if (mark->message > 0)
    g_string_append_printf(to, " id=\"r%u\" data-message=\"%u\"", mark->message, mark->message);
  g_string_append_c(to, '>');
  if (of->left == of->right)
    append_loop(to, of);
  else
    append_arrow(to, of);
  append_label(to, of);
  g_string_append(to, "</g>");
  append_mark(to, mark);
  g_string_append(to, "</g>\n");
}

void picture_append_pause(GString *to, const Ladder *ladder, unsigned y, Slice text)
{
  begin_row(to, y, "silence");
  g_string_append_c(to, '>');
  append_lifelines(to, ladder, "pause");
  append_front(to, ladder, SLICE_NONE, text);
  g_string_append(to, "</g>\n");
}

void picture_append_note(GString *to, const Ladder *ladder, unsigned y, Slice time, Slice line)
{
  enum { MARGIN = 2 };
  unsigned front = ladder->number_width + 1 + ladder->time_width + MARGIN;
  unsigned width = ladder->width > front ? ladder->width - front : 1;

  begin_row(to, y, "log");
  g_string_append_c(to, '>');
  append_front(to, ladder, SLICE_NONE, time);
  append_placed(to, line, (Place){"dim", x_of(front), BASE, width, false});
  g_string_append(to, "</g>\n");
}
