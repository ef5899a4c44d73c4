#include "ui/view/widget/ask.h"

typedef struct {
  View view;
  AskSetup setup;
  Prompt *prompt;
} AskView;

typedef struct {
  View view;
  char *question;
  void (*yes)(void *data, Host *host);
  void *data;
} QuestionView;

static void append_nothing(const View *view, GString *to)
{
  (void) view;
  (void) to;
}

static bool command_nothing(View *view, CommandId id)
{
  (void) view;
  (void) id;
  return false;
}

static void ask_draw(View *view, Canvas *canvas, Rect area)
{
  prompt_draw(((AskView *) view)->prompt, canvas, rect_cut_bottom(&area, 1), true);
}

static void ask_close(View *view)
{
  AskView *ask = (AskView *) view;

  prompt_free(ask->prompt);
  g_free(ask);
}

static bool ask_key(View *view, const KeyEvent *event)
{
  AskView *ask = (AskView *) view;
  PromptResult result = prompt_key(ask->prompt, event);

  if (result == PROMPT_EDITED && ask->setup.edited)
    ask->setup.edited(ask->setup.data, prompt_text(ask->prompt));
  if (result == PROMPT_DONE || result == PROMPT_CANCELLED)
    host_close(view->host, view);
  if (result == PROMPT_DONE) {
    prompt_remember(ask->prompt);
    ask->setup.done(ask->setup.data, view->host, prompt_text(ask->prompt));
  }
  return true;
}

static const char *ask_typing(const View *view)
{
  static const char *const SAID[2][2] = {
    {"Enter OK  Esc Back", "Enter OK  Esc Back  Up Down Entered before"},
    {"Enter OK  Esc Back  Tab Complete",
     "Enter OK  Esc Back  Tab Complete  Up Down Entered before"},
  };
  const AskSetup *setup = &((const AskView *) view)->setup;

  return SAID[setup->complete != NULL][setup->history != NULL];
}

void ask_line(Host *host, const AskSetup *setup)
{
  static const ViewOps OPS = {
    .scope = SCOPE_FORM,
    .is_dialog = true,
    .append_title = append_nothing,
    .draw = ask_draw,
    .command = command_nothing,
    .close = ask_close,
    .key = ask_key,
    .typing = ask_typing,
  };
  AskView *ask = g_new0(AskView, 1);

  ask->view.ops = &OPS;
  ask->setup = *setup;
  ask->prompt = prompt_new(setup->label, setup->text);
  if (setup->complete)
    prompt_set_complete(ask->prompt, setup->complete, setup->data);
  if (setup->history)
    prompt_set_history(ask->prompt, setup->history);
  host_push(host, &ask->view);
}

static const char *question_typing(const View *view)
{
  (void) view;
  return "y Yes  n No";
}

static void question_draw(View *view, Canvas *canvas, Rect area)
{
  const QuestionView *question = (const QuestionView *) view;
  int width = (int) text_width(slice_from_string(question->question)) + 4;
  Rect box = rect_centre(area, MAX(width, 28), 4);
  Rect inside = {box.x + 2, box.y + 1, box.width - 4, 1};

  canvas_box(canvas, box, NULL);
  canvas_put_ends(canvas, inside,
                  &(CanvasText){slice_from_string(question->question), STYLE_HEADING, TEXT_CENTRE});
  inside.y++;
  canvas_put_cell(canvas, inside, &(CanvasText){SLICE("y yes   n no"), STYLE_DIM, TEXT_CENTRE});
}

static void question_close(View *view)
{
  g_free(((QuestionView *) view)->question);
  g_free(view);
}

static bool question_key(View *view, const KeyEvent *event)
{
  QuestionView *question = (QuestionView *) view;

  host_close(view->host, view);
  if (event->code == 'y' || event->code == 'Y' || event->code == KEY_CODE_ENTER)
    question->yes(question->data, view->host);
  return true;
}

void ask_question(Host *host, const char *question, void (*yes)(void *data, Host *host), void *data)
{
  static const ViewOps OPS = {
    .scope = SCOPE_FORM,
    .is_dialog = true,
    .append_title = append_nothing,
    .draw = question_draw,
    .command = command_nothing,
    .close = question_close,
    .key = question_key,
    .typing = question_typing,
  };
  QuestionView *view = g_new0(QuestionView, 1);

  *view = (QuestionView){{&OPS, host}, g_strdup(question), yes, data};
  host_push(host, &view->view);
}
