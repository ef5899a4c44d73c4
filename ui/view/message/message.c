#include "capture/language.h"
#include "ui/show/message_raw.h"
#include "ui/view/message/panes.h"
#include "ui/view/screens.h"
#include "ui/view/widget/ask.h"

/* In the order of the setting's words. */
typedef enum { MODE_RAW, MODE_TREE, MODE_HEX, MODE_COUNT } Mode;

enum { SPLIT_FROM = 120, SEEK_PACE = 1024 };

/* A search for the next message of the transaction: any number of others may be before it. */
typedef struct {
  Job job;
  const Message *at; /* NULL at the end: there is none */
  const Transaction *transaction;
  int direction;
} Seek;

static const char *const MODES[] = {
  [MODE_RAW] = N_("raw"),
  [MODE_TREE] = N_("tree"),
  [MODE_HEX] = N_("hex"),
};

typedef struct {
  View view;
  MessageWalk walk;
  bool has_walk;
  const Message *message; /* valid while its call exists */
  uint32_t number, call;  /* of the message, and of its call */
  char *kind;             /* "INVITE", "200"; not yet safe to draw */
  Mode mode;
  MessagePage page;
  RawPane raw;
  TreePane tree;
  HexPane hex;
} MessageView;

static MessageView *message_view(View *view)
{
  return (MessageView *) view;
}

/* --- which message --- */

/* NULL if its call was evicted. */
static const Message *shown_message(const MessageView *self)
{
  return host_call(self->view.host, self->call) ? self->message : NULL;
}

static void show(MessageView *self, const Message *message)
{
  const AppModel *model = host_model(self->view.host);

  self->message = message;
  self->number = message->number;
  self->call = message->transaction->call->number;
  view_cancel_job(&self->view);
  g_free(self->kind);
  self->kind = message->status > 0 ? g_strdup_printf("%u", message->status)
                                   : slice_dup(trace_method_name(model->trace, message->method));
  message_page_load(&self->page, model, message);
  tree_pane_load(&self->tree, &self->page);
}

/* Another message than before: from its start, but in the tree from the same field. */
static void go_to(MessageView *self, const Message *message)
{
  self->page.offset = 0;
  show(self, message);
  if (self->mode == MODE_TREE)
    tree_pane_take_place(&self->tree, &self->page);
  self->raw.left = 0;
  if (self->has_walk && self->walk.moved)
    self->walk.moved(self->walk.data, message);
}

static const Message *beside(const MessageView *self, const Message *message, int direction)
{
  if (self->has_walk)
    return self->walk.beside(self->walk.data, message, direction);
  return direction > 0 ? message->next : message->previous;
}

static void tell_gone(const MessageView *self)
{
  host_tell(self->view.host, STYLE_WARNING, "call %u was discarded (limit reached)", self->call);
}

static void move_beside(MessageView *self, int direction)
{
  const Message *message = shown_message(self);
  const Message *other = message ? beside(self, message, direction) : NULL;

  if (!message)
    tell_gone(self);
  else if (!other)
    host_tell(self->view.host, STYLE_HINT,
              direction > 0 ? N_("this is the last message") : N_("this is the first message"));
  else
    go_to(self, other);
}

static bool seek_step(Job *job, int64_t until_us)
{
  Seek *seek = (Seek *) job;

  for (unsigned i = 0; i % SEEK_PACE != 0 || i == 0 || g_get_monotonic_time() < until_us; i++) {
    seek->at = seek->direction > 0 ? seek->at->next : seek->at->previous;
    if (!seek->at || seek->at->transaction == seek->transaction)
      return false;
  }
  return true;
}

static double seek_progress(const Job *job)
{
  (void) job;
  return 0;
}

static void seek_free(Job *job)
{
  g_free(job);
}

static void seek_done(View *view, Job *job)
{
  const Seek *seek = (const Seek *) job;

  if (seek->at)
    go_to(message_view(view), seek->at);
  else
    host_tell(view->host, STYLE_HINT,
              seek->direction > 0 ? N_("this is the last message of its transaction")
                                  : N_("this is the first message of its transaction"));
}

static void begin_seek(MessageView *self, int direction)
{
  static const JobOps OPS = {N_("searching the call"), seek_step, seek_progress, seek_free};
  const Message *message = shown_message(self);

  if (!message) {
    tell_gone(self);
    return;
  }
  Seek *seek = g_new(Seek, 1);
  *seek = (Seek){{&OPS}, message, message->transaction, direction};
  view_begin_job(&self->view, &seek->job, seek_done);
}

/* A search ends when its call is evicted. */
static bool message_step(View *view, int64_t until_us)
{
  (void) until_us;
  if (view->job && !shown_message(message_view(view)))
    view_cancel_job(view);
  return false;
}

/* --- modes --- */

static void set_mode(MessageView *self, Mode mode)
{
  if (mode == MODE_TREE && self->mode != MODE_TREE && self->page.offset > 0)
    tree_pane_follow(&self->tree, &self->page);
  self->mode = mode;
}

/* The next message is opened in the same mode. */
static void choose_mode(MessageView *self, Mode mode)
{
  g_autoptr(GError) error = NULL;

  set_mode(self, mode);
  if (!config_set(host_model(self->view.host)->config, SETTING_MESSAGE_MODE, MODES[mode], &error))
    host_tell(self->view.host, STYLE_ERROR, "%s", error->message);
}

/* --- searching --- */

static void search_page(MessageView *self, int direction)
{
  if (!self->page.search)
    host_tell(self->view.host, STYLE_HINT, "no search text yet");
  else if (!message_page_search(&self->page, direction))
    host_tell(self->view.host, STYLE_WARNING, "not found");
  else if (self->mode == MODE_TREE)
    tree_pane_follow(&self->tree, &self->page);
}

static void search_done(void *data, Host *host, const char *text)
{
  MessageView *self = data;

  (void) host;
  message_page_set_search(&self->page, slice_from_string(text));
  if (*text)
    search_page(self, 1);
}

/* --- copying --- */

static void append_field(const MessageView *self, GString *to)
{
  const TreeNode *node = tree_pane_node(&self->tree, &self->page);

  if (self->mode == MODE_HEX)
    message_copy_append_hex(to, octets_slice(self->page.sip.raw, message_page_field(&self->page)));
  else if (self->mode == MODE_RAW)
    text_append_safe(to, raw_pane_line(&self->raw, &self->page), TEXT_UTF8);
  else if (node)
    text_append_safe(to, node->value.len > 0 ? node->value : node->name, TEXT_UTF8);
}

static void copy_message(MessageView *self, bool all)
{
  g_autoptr(GString) text = g_string_new(NULL);

  if (all)
    message_copy_append(text, &self->page.sip);
  else
    append_field(self, text);
  if (text->len == 0)
    return;
  host_copy(self->view.host, slice_of(text->str, text->len));
  host_tell(self->view.host, STYLE_HINT, "copied %s", all ? _("the message") : text->str);
}

/* --- drawing --- */

static void message_append_title(const View *view, GString *to)
{
  const MessageView *self = (const MessageView *) view;

  g_string_append_printf(to, _("message %u of call %u: "), self->number, self->call);
  text_append_safe(to, slice_from_string(self->kind), host_model(view->host)->charset);
  g_string_append_printf(to, " (%s)", _(MODES[self->mode]));
}

/* The node that keys act on. */
static size_t chosen_node(const MessageView *self)
{
  const MessageTree *tree = &self->page.tree;
  const TreeNode *node = tree_pane_node(&self->tree, &self->page);

  if (self->mode == MODE_TREE && node)
    return (size_t) (node - tree->nodes);
  return message_tree_node_at(tree, self->page.offset);
}

/* "Via > 2 > branch", and where it is. */
static void append_path(const MessageView *self, GString *to)
{
  const MessageTree *tree = &self->page.tree;
  size_t path[TREE_DEPTH_MAX + 1], depth = 0, node = chosen_node(self);
  Octets octets = node < tree->count ? tree->nodes[node].octets : (Octets){0, 0};

  while (node < tree->count && depth < G_N_ELEMENTS(path)) {
    path[depth++] = node;
    node = message_tree_parent(tree, node);
  }
  while (depth-- > 0) {
    text_append_safe(to, tree->nodes[path[depth]].name, TEXT_UTF8);
    g_string_append(to, depth > 0 ? " > " : "  ");
  }
  if (octets.len > 0)
    g_string_append_printf(to, _("bytes %u-%u of %zu"), octets.offset,
                           octets.offset + octets.len - 1, self->page.sip.raw.len);
  if (tree->cut)
    g_string_append(to, _("  (not everything is shown)"));
}

/* The bytes of the tree's cursor. */
static Octets lit_octets(const MessageView *self)
{
  const TreeNode *node = tree_pane_node(&self->tree, &self->page);

  if (self->mode == MODE_TREE)
    return node ? node->octets : (Octets){0, 0};
  return message_page_field(&self->page);
}

static void draw_mode(MessageView *self, Canvas *canvas, Rect area)
{
  g_autoptr(GString) path = g_string_new(NULL);

  if (self->mode == MODE_RAW) {
    raw_pane_draw(&self->raw, &self->page, canvas, area);
    return;
  }
  append_path(self, path);
  if (area.height > 2)
    canvas_put_cell(canvas, rect_cut_bottom(&area, 1),
                    &(CanvasText){slice_of(path->str, path->len), STYLE_DIM, TEXT_LEFT});
  if (self->mode == MODE_HEX) {
    hex_pane_draw(&self->hex, &self->page, canvas, area, lit_octets(self));
    return;
  }
  if (area.width >= SPLIT_FROM) {
    HexLayout layout = hex_layout(self->page.sip.raw.len, (unsigned) area.width / 2);
    Rect right = rect_cut_right(&area, (int) layout.width);
    canvas_fill_glyph(canvas, rect_cut_right(&area, 1), STYLE_BORDER, GLYPH_VERTICAL);
    hex_pane_draw(&self->hex, &self->page, canvas, right, lit_octets(self));
  }
  tree_pane_draw(&self->tree, &self->page, canvas, area);
}

static void message_draw(View *view, Canvas *canvas, Rect area)
{
  MessageView *self = message_view(view);
  GString *heading = self->page.heading;

  if (area.height > 2)
    canvas_put_cell(canvas, rect_cut_top(&area, 1),
                    &(CanvasText){slice_of(heading->str, heading->len), STYLE_HEADING, TEXT_LEFT});
  if (self->page.error)
    canvas_put_string(canvas, area.x, area.y, STYLE_ERROR, self->page.error);
  else
    draw_mode(self, canvas, area);
}

/* --- commands --- */

static void open_message_save(MessageView *self)
{
  const Message *message = shown_message(self);

  if (!message) {
    tell_gone(self);
    return;
  }
  host_push(self->view.host, save_view_new(self->view.host, &(SaveOf){&self->call, 1, message}));
}

static bool move_to_message(MessageView *self, CommandId id)
{
  if (id == COMMAND_NEXT_MESSAGE)
    move_beside(self, 1);
  else if (id == COMMAND_PREVIOUS_MESSAGE)
    move_beside(self, -1);
  else if (id == COMMAND_NEXT_IN_TRANSACTION)
    begin_seek(self, 1);
  else if (id == COMMAND_PREVIOUS_IN_TRANSACTION)
    begin_seek(self, -1);
  else
    return false;
  return true;
}

static bool change_mode(MessageView *self, CommandId id)
{
  if (id == COMMAND_RAW)
    choose_mode(self, MODE_RAW);
  else if (id == COMMAND_TREE)
    choose_mode(self, MODE_TREE);
  else if (id == COMMAND_HEX)
    choose_mode(self, MODE_HEX);
  else if (id == COMMAND_NEXT_MODE)
    choose_mode(self, (self->mode + 1) % MODE_COUNT);
  else
    return false;
  return true;
}

static bool use_text(MessageView *self, CommandId id)
{
  if (id == COMMAND_SEARCH)
    ask_line(self->view.host,
             &(AskSetup){.label = _("search: "), .done = search_done, .data = self});
  else if (id == COMMAND_SEARCH_NEXT)
    search_page(self, 1);
  else if (id == COMMAND_SEARCH_PREVIOUS)
    search_page(self, -1);
  else if (id == COMMAND_COPY || id == COMMAND_COPY_ALL)
    copy_message(self, id == COMMAND_COPY_ALL);
  else if (id == COMMAND_SAVE)
    open_message_save(self);
  else if (id == COMMAND_STATS)
    host_push(self->view.host, stats_view_new(self->view.host));
  else
    return false;
  return true;
}

static bool pane_command(MessageView *self, CommandId id)
{
  switch (self->mode) {
  case MODE_TREE:
    return tree_pane_command(&self->tree, &self->page, id);
  case MODE_HEX:
    return hex_pane_command(&self->hex, &self->page, id);
  case MODE_RAW:
  case MODE_COUNT:
    break;
  }
  return raw_pane_command(&self->raw, &self->page, id);
}

static bool message_command(View *view, CommandId id)
{
  MessageView *self = message_view(view);

  if (move_to_message(self, id) || change_mode(self, id) || use_text(self, id) ||
      pane_command(self, id))
    return true;
  /* folding needs the tree: the commands open it, and fold all is done there at once */
  if (id != COMMAND_FOLD && id != COMMAND_FOLD_ALL && id != COMMAND_UNFOLD_ALL)
    return false;
  choose_mode(self, MODE_TREE);
  return id == COMMAND_FOLD || pane_command(self, id);
}

static bool message_mouse(View *view, const KeyEvent *event)
{
  MessageView *self = message_view(view);
  bool split = self->mode == MODE_TREE && rect_has(self->hex.area, event->x, event->y);

  if (event->mouse != MOUSE_CLICK && event->mouse != MOUSE_DOUBLE_CLICK)
    return false;
  if (self->mode == MODE_RAW)
    return raw_pane_click(&self->raw, &self->page, event);
  if (self->mode == MODE_HEX)
    return hex_pane_click(&self->hex, &self->page, event);
  if (!split || !hex_pane_click(&self->hex, &self->page, event))
    return tree_pane_click(&self->tree, &self->page, event);
  tree_pane_follow(&self->tree, &self->page);
  return true;
}

static void message_configured(View *view)
{
  MessageView *self = message_view(view);
  const Message *message = shown_message(self);

  if (message)
    show(self, message);
}

static void message_close(View *view)
{
  MessageView *self = message_view(view);

  message_page_clear(&self->page);
  tree_pane_clear(&self->tree);
  g_free(self->kind);
  g_free(self);
}

View *message_view_new(Host *host, const Message *message, const MessageWalk *walk)
{
  static const ViewOps OPS = {
    .scope = SCOPE_MESSAGE,
    .append_title = message_append_title,
    .draw = message_draw,
    .command = message_command,
    .close = message_close,
    .mouse = message_mouse,
    .step = message_step,
    .configured = message_configured,
  };
  MessageView *self = g_new0(MessageView, 1);

  self->view = (View){.ops = &OPS, .host = host};
  if (walk)
    self->walk = *walk;
  self->has_walk = walk != NULL;
  message_page_init(&self->page);
  tree_pane_init(&self->tree);
  show(self, message);
  self->mode = MODE_RAW;
  set_mode(self, (Mode) config_choice(host_model(host)->config, SETTING_MESSAGE_MODE));
  return &self->view;
}
