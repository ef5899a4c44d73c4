/*
 * CallJudge: does a call pass the display filter and the quick filter?
 *
 * A call with many messages is asked in turns, so it may take several until there is an answer:
 * each message may have to be read from a slow disk.  Borrows trace and stores.
 */
#pragma once

#include "dissect/query/display_filter.h"
#include "ui/show/quick_choice.h"

/* How far a call of more messages was asked is kept, for when it has grown. */
enum { CALL_JUDGE_HUGE = 512 };

typedef struct CallJudge CallJudge;

typedef enum {
  JUDGE_NO,
  JUDGE_YES,
  JUDGE_LATER, /* to be asked again */
} JudgeAnswer;

CallJudge *call_judge_new(const Trace *trace, const StoreSet *stores);
void call_judge_free(CallJudge *judge);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(CallJudge, call_judge_free)

/* Owned from now on; NULL: none. */
void call_judge_set_filter(CallJudge *judge, DisplayFilter *filter);
const DisplayFilter *call_judge_filter(const CallJudge *judge);
void call_judge_set_quick(CallJudge *judge, QuickChoice quick);
QuickChoice call_judge_quick(const CallJudge *judge);

/* Does all pass? */
bool call_judge_is_idle(const CallJudge *judge);

JudgeAnswer call_judge_ask(CallJudge *judge, const Call *call, int64_t until_us);
/* The call was evicted. */
void call_judge_forget(CallJudge *judge, uint32_t number);

bool call_judge_is_unreadable(const CallJudge *judge);
