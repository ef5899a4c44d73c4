/*
 * App: the whole terminal program but for the terminal: keys go in, a canvas comes out.
 *
 * The driver (ui/browse.c) owns what App looks at, feeds the trace, and tells App; tests do the
 * same without terminal or sleep.  Nobody but App changes the stack of views.
 */
#pragma once

#include "ui/view/app_model.h"
#include "ui/view/view.h"

/* `model` is kept, and what is App's in it made. */
App *app_new(AppModel *model);
void app_free(App *app);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(App, app_free)

/* Shows the calls that a display filter chooses, as if it were typed; NULL: all. */
void app_filter(App *app, const char *expression);

/* A message was filed. */
void app_note_message(App *app, const Message *message);

/* A key; then draw. */
void app_handle_key(App *app, const KeyEvent *event);
/* Paints all of the canvas; `now_us` is a monotonic time, for rates and messages that go away. */
void app_draw(App *app, Canvas *canvas, int64_t now_us);
/* A slice of the views' work; true while more is to do. */
bool app_step(App *app, int64_t until_us);
/* Is something to be drawn that was not yet? */
bool app_is_dirty(const App *app);
bool app_is_over(const App *app);

/* What only the driver can do, asked for by a key. */
typedef enum {
  APP_WISH_NONE,
  APP_WISH_REDRAW,
  APP_WISH_SUSPEND,
  APP_WISH_COPY,  /* app_copied */
  APP_WISH_THEME, /* the settings of theme, colours or mouse were changed */
  APP_WISH_STOP,  /* to read no more of the files */
} AppWish;

/* The next of them; each is given once. */
AppWish app_take_wish(App *app);
Slice app_copied(const App *app);

/* For views. */
AppModel *app_model(const App *app);
/* The topmost one. */
View *app_view(const App *app);
/* The new topmost one; owned from now on. */
void app_push(App *app, View *view);
/* Closes the topmost view, after the command or key that it is handling. */
void app_close(App *app, View *view);
/* A line at the bottom until the next key. */
void app_tell(App *app, Style style, const char *format, ...) G_GNUC_PRINTF(3, 4);
void app_copy(App *app, Slice text);
/* The configuration was changed: every view and the driver hears of it. */
void app_configured(App *app);
void app_end(App *app);
/* Gives the command to the topmost view, as its key would; false when it cannot do it. */
bool app_run(App *app, CommandId id);
/* The trace's call of that number, or NULL. */
const Call *app_call(const App *app, uint32_t number);
