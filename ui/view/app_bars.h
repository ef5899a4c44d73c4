/*
 * AppBars: the line at the top (what is shown, and of what) and the line at the bottom (what was
 * told, what is being done, or the keys of the topmost view).  App's own.
 */
#pragma once

#include "ui/view/host.h"

enum { APP_BARS_KEYS_MAX = 24 };

typedef struct {
  int x, end;
  CommandId id;
} BarKey;

typedef struct {
  const AppModel *model;
  GString *message; /* until the next key; empty: none */
  Style message_style;
  BarKey keys[APP_BARS_KEYS_MAX]; /* where the keys at the bottom are, to be clicked */
  unsigned key_count;
  int keys_y;
  int64_t noted_us;        /* the rate is of the time since then */
  uint64_t noted_messages; /* that there were */
  double rate;             /* messages a second */
} AppBars;

typedef struct {
  View *const *views;
  unsigned count;
} AppViews;

void app_bars_init(AppBars *bars, const AppModel *model);
void app_bars_clear(AppBars *bars);

/* Time went on. */
void app_bars_note(AppBars *bars, int64_t now_us);

void app_bars_draw_top(AppBars *bars, Canvas *canvas, Rect at, const View *shown);
void app_bars_draw_bottom(AppBars *bars, Canvas *canvas, Rect at, const AppViews *views);

/* The key at the bottom that is there, or COMMAND_NONE. */
CommandId app_bars_command_at(const AppBars *bars, int x, int y);
