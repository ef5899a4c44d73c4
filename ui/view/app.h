/*
 * App: the whole terminal program but for the terminal: keys go in, a canvas comes out.
 *
 * The driver (ui/browse.c) owns what App looks at and feeds the trace; tests do the same without
 * terminal or sleep.  An App is the Host of its screens and knows none of them by name: the ones
 * that it opens itself are passed to app_new.
 */
#pragma once

#include "ui/view/host.h"

typedef Host App;

typedef void (*AppYes)(void *data, Host *host);

/* Each pushes its screen. */
typedef struct {
  void (*open_first)(Host *host); /* it stays at the bottom of the stack */
  void (*open_help)(Host *host, CommandScope scope);
  void (*open_palette)(Host *host);
  void (*open_theme)(Host *host);
  void (*ask)(Host *host, const char *question, AppYes yes, void *data);
} AppScreens;

/* The screens of the program (app_screens.c). */
extern const AppScreens APP_SCREENS;

/* Keeps `model`, and fills in App's part of it. */
App *app_new(AppModel *model, const AppScreens *screens);
void app_free(App *app);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(App, app_free)

/* A message was added to the trace. */
void app_note_message(App *app, const Message *message);

/* Handles a key; draw afterwards. */
void app_handle_key(App *app, const KeyEvent *event);
/* Paints all of the canvas; `now_us` is a monotonic time, for rates. */
void app_draw(App *app, Canvas *canvas, int64_t now_us);
/* Does a slice of the views' work; true while there is more to do. */
bool app_step(App *app, int64_t until_us);
/* Has anything changed since it was drawn? */
bool app_is_dirty(const App *app);
bool app_is_over(const App *app);

/* What only the driver can do, asked for by a key. */
typedef enum {
  APP_WISH_NONE,
  APP_WISH_REDRAW,
  APP_WISH_SUSPEND,
  APP_WISH_COPY,      /* app_copied */
  APP_WISH_PIN,       /* the pinned calls were changed */
  APP_WISH_THEME,     /* the settings of theme, colours or mouse were changed */
  APP_WISH_STOP,      /* stop reading the files */
  APP_WISH_RELOAD,    /* read them again from their beginning; the App ends */
  APP_WISH_FOLLOW,    /* the same, then what is appended */
  APP_WISH_NEXT_FILE, /* show the next file by itself, or all of them; the App ends */
  APP_WISH_PREVIOUS_FILE,
  APP_WISH_MASK, /* show a copy without names instead, or the files again; the App ends */
} AppWish;

/* The next of them; each is returned once. */
AppWish app_take_wish(App *app);
Slice app_copied(const App *app);

/* App's part of the model, which app_new makes. */

/* Makes App's part, as configured; app_model_clear frees it. */
void app_model_begin(AppModel *model);
void app_model_clear(AppModel *model);

/* The configuration was changed. */
void app_model_configure(AppModel *model);
