#include "ui/term/term.h"

#include <errno.h>
#include <fcntl.h>
#include <langinfo.h>
#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <termios.h>
#include <unistd.h>
#include <wchar.h>

#define NCURSES_NOMACROS
#include <curses.h>
#include <term.h>

#include "capture/error.h"
#include "capture/language.h"
#include "ui/term/key_input.h"
#include "ui/term/outlet.h"

/* --- the guard --- */

/*
 * The guard protects the terminal while it shows the screen: a crash must not leave it unusable,
 * and output on standard error must not overwrite the screen.
 *
 * From guard_begin to guard_end a crash restores the terminal first, from a signal handler that
 * uses only /dev/tty; and standard error, if it is a terminal, goes to a file that is shown at the
 * end.  Under a sanitizer it does nothing, so that no report is hidden.
 */

typedef struct {
  void *stack;   /* of the handler; NULL: the guard does nothing */
  int stderr_fd; /* the original standard error; -1: not redirected */
} Guard;

enum { STACK_SIZE = 64 * 1024, COPIED_AT_ONCE = 4096 };

static const int CRASHES[] = {SIGSEGV, SIGBUS, SIGABRT, SIGFPE, SIGILL, SIGTRAP, SIGSYS, SIGQUIT};

/* No mouse reports, normal keys, the main screen, a cursor, no attributes, a character set. */
static const char RESTORE[] =
  "\033[?1006l\033[?1002l\033[?1000l\033[?1l\033>\033[?1049l\033[?25h\033[0m\033(B\r";

/* If `from` is the unlinked file of guard_begin. */
static void copy_kept(int from, int to)
{
  char bytes[COPIED_AT_ONCE];
  struct stat status;
  ssize_t n;

  if (fstat(from, &status) != 0 || !S_ISREG(status.st_mode) || status.st_nlink != 0 ||
      lseek(from, 0, SEEK_SET) != 0)
    return;
  while ((n = read(from, bytes, sizeof bytes)) > 0)
    if (write(to, bytes, (size_t) n) != n)
      return;
}

/* Only what a signal handler may call (signal-safety(7)). */
static void give_back(int signal)
{
  int tty = open("/dev/tty", O_RDWR | O_NOCTTY | O_CLOEXEC);
  struct termios mode;

  if (tty >= 0 && write(tty, RESTORE, sizeof RESTORE - 1) > 0) {
    if (tcgetattr(tty, &mode) == 0) {
      mode.c_iflag |= ICRNL | IXON;
      mode.c_oflag |= OPOST | ONLCR;
      mode.c_lflag |= ICANON | ECHO | ECHOE | ECHOK | ISIG | IEXTEN;
      tcsetattr(tty, TCSANOW, &mode);
    }
    copy_kept(STDERR_FILENO, tty);
  }
  (void) raise(signal); /* SA_RESETHAND: by now it kills */
}

/* The original standard error; -1 if it is not redirected. */
static int keep_stderr(void)
{
  g_autofree char *path = NULL;
  int kept, before;

  if (!isatty(STDERR_FILENO) || (kept = g_file_open_tmp("rung-XXXXXX", &path, NULL)) < 0)
    return -1;
  unlink(path);
  before = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 0);
  if (before >= 0 && dup2(kept, STDERR_FILENO) < 0) {
    close(before);
    before = -1;
  }
  close(kept);
  return before;
}

static void guard_begin(Guard *guard)
{
  struct sigaction before,
    ours = {.sa_handler = give_back, .sa_flags = SA_ONSTACK | (int) SA_RESETHAND};

  *guard = (Guard){.stderr_fd = -1};
  if (sigaction(SIGSEGV, NULL, &before) != 0 || before.sa_handler != SIG_DFL)
    return; /* a sanitizer handles crashes */
  guard->stack = g_malloc(STACK_SIZE);
  guard->stderr_fd = keep_stderr();
  stack_t alternative = {.ss_sp = guard->stack, .ss_size = STACK_SIZE};
  sigemptyset(&ours.sa_mask);
  sigaddset(&ours.sa_mask, SIGTTOU);
  sigaltstack(&alternative, NULL);
  for (size_t i = 0; i < G_N_ELEMENTS(CRASHES); i++)
    sigaction(CRASHES[i], &ours, NULL);
}

static void guard_end(Guard *guard)
{
  struct sigaction action = {.sa_handler = SIG_DFL};
  stack_t none = {.ss_flags = SS_DISABLE};

  if (!guard->stack)
    return;
  for (size_t i = 0; i < G_N_ELEMENTS(CRASHES); i++)
    sigaction(CRASHES[i], &action, NULL);
  sigaltstack(&none, NULL);
  if (guard->stderr_fd >= 0) {
    copy_kept(STDERR_FILENO, guard->stderr_fd);
    dup2(guard->stderr_fd, STDERR_FILENO);
    close(guard->stderr_fd);
  }
  g_free(guard->stack);
  guard->stack = NULL;
}

/* --- the screen --- */

/* Buttons, and movements while one is pressed. */
#define MOUSE_ON "\033[?1000h\033[?1002h\033[?1006h"
#define MOUSE_OFF "\033[?1006l\033[?1002l\033[?1000l"

enum {
  MARKS_COUNT = CELL_CHANGED << 1,
  PAIRS_MAX = 256,
};

/* How a style with marks is shown: curses' attributes and pair of colours. */
typedef struct {
  bool known;
  attr_t attributes;
  short pair;
} Rendition;

typedef struct {
  int foreground, background;
} ColorPair;

struct Term {
  SCREEN *screen;
  FILE *tty; /* when standard input or output is none */
  int in, out;
  FILE *paper; /* what curses writes to: a duplicate of `out` */
  Outlet *outlet;
  Guard guard;
  Theme theme;
  bool color;
  bool has_mouse, mouse;
  bool has_default_colors;
  TextCharset charset;
  int width, height;

  Rendition renditions[STYLE_COUNT][MARKS_COUNT];
  ColorPair pairs[PAIRS_MAX]; /* by the pair's number; 0 is the terminal's own */
  short pair_count;

  Cell *shown; /* what the screen holds; NULL: unknown */
  bool all;    /* the next refresh sends everything */
  bool cursor_shown;

  KeyInput keys;
};

static const struct {
  const char *capability; /* terminfo(5) */
  KeyCode code;
} CAPABILITIES[] = {
  {"kcuu1", KEY_CODE_UP},
  {"kcud1", KEY_CODE_DOWN},
  {"kcub1", KEY_CODE_LEFT},
  {"kcuf1", KEY_CODE_RIGHT},
  {"kpp", KEY_CODE_PAGE_UP},
  {"knp", KEY_CODE_PAGE_DOWN},
  {"khome", KEY_CODE_HOME},
  {"kend", KEY_CODE_END},
  {"kich1", KEY_CODE_INSERT},
  {"kdch1", KEY_CODE_DELETE},
  {"kcbt", KEY_CODE_TAB | KEY_CODE_SHIFT},
  {"kf1", KEY_CODE_F1},
  {"kf2", KEY_CODE_F1 + 1},
  {"kf3", KEY_CODE_F1 + 2},
  {"kf4", KEY_CODE_F1 + 3},
  {"kf5", KEY_CODE_F1 + 4},
  {"kf6", KEY_CODE_F1 + 5},
  {"kf7", KEY_CODE_F1 + 6},
  {"kf8", KEY_CODE_F1 + 7},
  {"kf9", KEY_CODE_F1 + 8},
  {"kf10", KEY_CODE_F1 + 9},
  {"kf11", KEY_CODE_F1 + 10},
  {"kf12", KEY_CODE_F12},
};

static const struct {
  unsigned paint;
  attr_t attribute;
} ATTRIBUTES[] = {
  {PAINT_BOLD, A_BOLD},           {PAINT_DIM, A_DIM},         {PAINT_ITALIC, A_ITALIC},
  {PAINT_UNDERLINE, A_UNDERLINE}, {PAINT_REVERSE, A_REVERSE},
};

/* NULL if the terminal cannot do it. */
static const char *capability(const char *name)
{
  const char *text = tigetstr(name);

  return text == (const char *) -1 ? NULL : text;
}

static void send(const Term *term, const char *sequence)
{
  if (!term->keys.gone)
    outlet_send(term->outlet, slice_from_string(sequence));
}

/* Standard input and output, or what the program was started from. */
static bool open_tty(Term *term, GError **error)
{
  term->in = STDIN_FILENO;
  term->out = STDOUT_FILENO;
  if (isatty(term->in) && isatty(term->out))
    return true;
  term->tty = fopen("/dev/tty", "r+e");
  if (!term->tty) {
    g_set_error(error, APP_ERROR, APP_ERROR_IO,
                _("no terminal to draw on (/dev/tty: %s); use a subcommand to print text"),
                g_strerror(errno));
    return false;
  }
  term->in = term->out = fileno(term->tty);
  return true;
}

static bool open_outlet(Term *term, GError **error)
{
  int fd = fcntl(term->out, F_DUPFD_CLOEXEC, 0);

  term->paper = fd < 0 ? NULL : fdopen(fd, "w");
  term->outlet = term->paper ? outlet_new(term->out) : NULL;
  if (!term->outlet)
    g_set_error(error, APP_ERROR, APP_ERROR_IO, _("cannot draw on the terminal: %s"),
                g_strerror(errno));
  return term->outlet != NULL;
}

/* NULL if the type is unknown; this is checked first, because newterm would leak. */
static SCREEN *open_screen(const Term *term, const char *type)
{
  int status;

  if (setupterm(type, term->out, &status) != OK)
    return NULL;
  del_curterm(cur_term);
  return newterm(type, term->paper, term->tty ? term->tty : stdin);
}

/* The variant of "xterm-256color" that says how true colours are set, or NULL. */
static SCREEN *open_true_color(const Term *term, const char *type)
{
  const char *wish = getenv("COLORTERM");

  if (!wish || (strcmp(wish, "truecolor") != 0 && strcmp(wish, "24bit") != 0))
    return NULL;
  g_autofree char *base = g_str_has_suffix(type, "-256color")
                            ? g_strndup(type, strlen(type) - strlen("-256color"))
                            : g_strdup(type);
  g_autofree char *direct = g_strconcat(base, "-direct", NULL);
  return open_screen(term, direct);
}

static bool start_screen(Term *term, bool color, GError **error)
{
  const char *type = getenv("TERM");

  if (!type || *type == '\0') {
    g_set_error(error, APP_ERROR, APP_ERROR_IO, _("TERM is not set; try TERM=xterm"));
    return false;
  }
  term->screen = color ? open_true_color(term, type) : NULL;
  if (!term->screen)
    term->screen = open_screen(term, type);
  if (term->screen && capability("cup"))
    return true;
  g_set_error(error, APP_ERROR, APP_ERROR_IO, _("terminal type \"%s\" %s (TERM); try TERM=xterm"),
              type, term->screen ? _("cannot position the cursor") : _("is unknown"));
  return false;
}

Term *term_open(const TermSetup *setup, GError **error)
{
  g_autoptr(Term) term = g_new0(Term, 1);

  (void) setlocale(LC_CTYPE, "");
  term->charset = strcmp(nl_langinfo(CODESET), "UTF-8") == 0 ? TEXT_UTF8 : TEXT_ASCII;
  if (!open_tty(term, error) || !open_outlet(term, error) ||
      !start_screen(term, setup->color, error))
    return NULL;
  guard_begin(&term->guard);
  raw();
  noecho();
  nonl();
  typeahead(-1); /* keys are read here, so curses must not look for them */
  curs_set(0);
  start_color();
  term->has_default_colors = use_default_colors() != ERR;
  term->has_mouse = capability("kmous") != NULL;
  getmaxyx(stdscr, term->height, term->width);
  key_input_init(&term->keys, term->in);
  for (size_t i = 0; i < G_N_ELEMENTS(CAPABILITIES); i++)
    key_decoder_learn(term->keys.decoder, slice_from_string(capability(CAPABILITIES[i].capability)),
                      CAPABILITIES[i].code);
  term_set_mouse(term, setup->mouse);
  return g_steal_pointer(&term);
}

void term_close(Term *term)
{
  if (!term)
    return;
  if (term->screen) {
    term_set_mouse(term, false);
    (void) outlet_drain(term->outlet);
    if (term->height > 0 && !term->keys.gone && !capability("rmcup")) {
      /* without a second screen the prompt comes into the last line */
      move(term->height - 1, 0);
      clrtoeol();
      refresh();
    }
    endwin();
    delscreen(term->screen);
  }
  guard_end(&term->guard);
  outlet_free(term->outlet);
  if (term->paper)
    (void) fclose(term->paper);
  if (term->tty)
    (void) fclose(term->tty);
  key_input_clear(&term->keys);
  g_free(term->shown);
  g_free(term);
}

TextCharset term_charset(const Term *term)
{
  return term->charset;
}

void term_size(const Term *term, int *ret_width, int *ret_height)
{
  *ret_width = term->width;
  *ret_height = term->height;
}

bool term_is_ready(const Term *term)
{
  return outlet_is_empty(term->outlet);
}

bool term_is_gone(const Term *term)
{
  return term->keys.gone;
}

void term_forget(Term *term)
{
  g_clear_pointer(&term->shown, g_free);
  term->all = true;
}

bool term_has_color(const Term *term)
{
  (void) term;
  return has_colors();
}

void term_set_theme(Term *term, const Theme *theme, bool color)
{
  term->theme = *theme;
  term->color = color && has_colors();
  memset(term->renditions, 0, sizeof term->renditions);
  term->pair_count = 1;
  term_forget(term);
}

void term_set_mouse(Term *term, bool mouse)
{
  if (mouse == term->mouse || !term->has_mouse)
    return;
  term->mouse = mouse;
  send(term, mouse ? MOUSE_ON : MOUSE_OFF);
}

/* A colour that the terminal has, by curses' number. */
static int color_number(const Term *term, PaintColor color, int otherwise)
{
  if (color == PAINT_DEFAULT)
    return term->has_default_colors ? -1 : otherwise;
  return color & 0xFFFFFF;
}

/* The pair of these colours, made on first use; the default pair if there are no more. */
static short pair_of(Term *term, ColorPair colors)
{
  for (short i = 1; i < term->pair_count; i++)
    if (term->pairs[i].foreground == colors.foreground &&
        term->pairs[i].background == colors.background)
      return i;
  if (term->pair_count >= MIN(PAIRS_MAX, COLOR_PAIRS) ||
      init_extended_pair(term->pair_count, colors.foreground, colors.background) == ERR)
    return 0;
  term->pairs[term->pair_count] = colors;
  return term->pair_count++;
}

static const Rendition *rendition_of(Term *term, const Cell *cell)
{
  Rendition *rendition = &term->renditions[cell->style][cell->marks & (MARKS_COUNT - 1)];

  if (rendition->known)
    return rendition;
  Paint paint = theme_paint(&term->theme, cell);
  *rendition = (Rendition){.known = true};
  for (size_t i = 0; i < G_N_ELEMENTS(ATTRIBUTES); i++)
    if (paint.attributes & ATTRIBUTES[i].paint)
      rendition->attributes |= ATTRIBUTES[i].attribute;
  if (!term->color)
    return rendition;
  paint_fit(&paint, COLORS);
  ColorPair colors = {color_number(term, paint.foreground, COLOR_WHITE),
                      color_number(term, paint.background, COLOR_BLACK)};
  if (colors.foreground != -1 || colors.background != -1)
    rendition->pair = pair_of(term, colors);
  return rendition;
}

/* A question mark where the locale has no glyph of that width. */
static void draw_cell(Term *term, int x, int y, const Cell *cell)
{
  const Rendition *rendition = rendition_of(term, cell);
  int width = x + 1 < term->width && cell[1].glyph[0] == '\0' ? 2 : 1;
  Slice glyph = slice_from_string(cell->glyph);
  wchar_t text[CCHARW_MAX + 1];
  size_t count = 0, len;
  cchar_t character;

  for (; glyph.len > 0 && count < CCHARW_MAX; glyph = slice_from(glyph, len))
    text[count++] = (wchar_t) utf8_next(glyph, &len);
  text[count] = L'\0';
  if (wcwidth(text[0]) != width) {
    text[0] = L'?';
    text[1] = L'\0';
  }
  if (setcchar(&character, text, rendition->attributes, rendition->pair, NULL) == OK)
    mvadd_wch(y, x, &character);
}

void term_draw(Term *term, const Canvas *canvas)
{
  bool same_size = canvas->width == term->width && canvas->height == term->height;
  bool known = same_size && term->shown, cursor_shown;
  size_t line_size = sizeof(Cell) * (size_t) canvas->width;

  if (term->keys.gone)
    return;
  if (!known)
    erase();
  for (int y = 0; y < MIN(canvas->height, term->height); y++) {
    const Cell *line = canvas_cell(canvas, 0, y);
    if (known && memcmp(&term->shown[y * term->width], line, line_size) == 0)
      continue;
    for (int x = 0; x < MIN(canvas->width, term->width); x++)
      if (line[x].glyph[0] != '\0')
        draw_cell(term, x, y, &line[x]);
  }
  g_clear_pointer(&term->shown, g_free);
  if (same_size)
    term->shown = g_memdup2(canvas->cells, line_size * (size_t) canvas->height);
  if (term->all)
    clearok(curscr, TRUE);
  term->all = false;
  outlet_begin(term->outlet, fileno(term->paper));
  cursor_shown = rect_has(canvas_area(canvas), canvas->cursor_x, canvas->cursor_y);
  if (cursor_shown != term->cursor_shown)
    curs_set(cursor_shown ? 1 : 0);
  term->cursor_shown = cursor_shown;
  move(cursor_shown ? canvas->cursor_y : 0, cursor_shown ? canvas->cursor_x : 0);
  refresh();
  outlet_end(term->outlet, fileno(term->paper));
}

/* Has the size of the terminal changed? */
static bool take_resize(Term *term, KeyEvent *ret_event)
{
  struct winsize size = {0};

  if (ioctl(term->out, TIOCGWINSZ, &size) != 0 || size.ws_col == 0 || size.ws_row == 0)
    return false;
  int width = MIN(size.ws_col, CANVAS_WIDTH_MAX), height = MIN(size.ws_row, CANVAS_HEIGHT_MAX);
  if ((width == term->width && height == term->height) || resize_term(height, width) == ERR)
    return false;
  term->width = width;
  term->height = height;
  term_forget(term);
  *ret_event = (KeyEvent){.code = KEY_CODE_RESIZE};
  return true;
}

bool term_next_key(Term *term, int wait_ms, KeyEvent *ret_event)
{
  int64_t until_us = g_get_monotonic_time() + (int64_t) wait_ms * 1000;
  bool last = false;

  while (!term->keys.gone) {
    if (take_resize(term, ret_event) || key_input_take(&term->keys, ret_event))
      return true;
    if (last)
      return false;
    key_input_wait(&term->keys, until_us);
    last = g_get_monotonic_time() >= until_us;
  }
  return false;
}

bool term_copy(Term *term, Slice text)
{
  g_autoptr(GString) sequence = g_string_new(NULL);
  const char *type = getenv("TERM");
  bool in_screen = type && g_str_has_prefix(type, "screen") && !getenv("TMUX");

  if (!clipboard_append(sequence, text, in_screen))
    return false;
  send(term, sequence->str);
  return true;
}

void term_suspend(Term *term)
{
  struct sigaction stop = {.sa_handler = SIG_DFL}, before;
  bool mouse = term->mouse;

  term_set_mouse(term, false);
  (void) outlet_drain(term->outlet);
  endwin();
  sigaction(SIGTSTP, &stop, &before);
  kill(0, SIGTSTP); /* all of a pipeline, as the terminal would */
  sigaction(SIGTSTP, &before, NULL);
  term_forget(term);
  refresh();
  term_set_mouse(term, mouse);
}
