"""How things are said in English, as data: see `handlers.spoken.templates`."""

from __future__ import annotations

from collections.abc import Mapping

from bot.domain.command import Verb
from handlers.spoken.sentence import Sentence, each

RULES: Mapping[str, str] = {
    "polite": "(please|pls|hey|hi|hello|ok|okay|um|uh|er|well|so|now|right|alright|loudhailer"
    "|can you|could you|would you|will you|i want to|i'd like to|let's|let us|go ahead and|you can)",
    "softly": "(please|pls|now|thanks|thank you|thank you very much|for me|ok|okay|then|right away"
    "|immediately|at once)",
    "close": "(close|close out|close off|shut|close down|finish|end)",
    "fixed": "(fixed|rectified|sorted|sorted out|put right|corrected|taken care of|done|resolved|made safe)",
    "is": "(is|was|are|'s|has been|have been|is now|is already|has already been|it's)",
    "up": "(boss|supervisor|manager|site manager|next level|safety officer)",
    "false": "(false alarm|false alert|false positive|false)",
    "things": "(cases|alarms|alerts|hazards|issues|incidents|case|alarm)",
    "open": "(open|still open|unresolved|not closed|outstanding|pending|unhandled|left)",
    "at": "(at|in|on|near|by|from|around)",
    "for": "(for|on|of|at|to|about|with)",
}

SENTENCES: tuple[Sentence, ...] = (
    *each(Verb.CONFIRM, "confirm"),  # before the acknowledging of the case in question
    *each(Verb.CANCEL, "cancel"),
    *each(
        Verb.VERIFY,
        "(verify|verified|check) {ref} [as|it|has] (passed|pass|ok|okay|good)",
        "{ref} [has] passed [verification|inspection|the inspection|the check]",
        "{ref} <is> verified",
        passed=True,
    ),
    *each(
        Verb.VERIFY,
        "(verify|verified|check) {ref} [as|it|has] (failed|fail|not passed|not ok) [{why}]",
        "{ref} [has] failed [verification|inspection|the inspection|the check] [{why}]",
        passed=False,
    ),
    *each(
        Verb.FALSE_ALARM,
        "<false> [<for>] {ref} [{why}]",
        "{ref} [<is>] [just] [only] [a|another|one more] <false> [{why}]",
        "(mark|set|flag|record|report|log|treat|close) {ref} [as|is] [a] <false> [{why}]",
    ),
    *each(
        Verb.REOPEN,
        "(reopen|re-open|re open) {ref} [{why}]",
        "open {ref} (again|up again|back up) [{why}]",
    ),
    *each(
        Verb.UNDO,
        "undo [that|it|this|my last|the last 1|the last one|the last step|last] [step|act|action|one|1]",
        "undo {ref}",
        "take (that|it) back",
    ),
    *each(
        Verb.ACKNOWLEDGE,
        "let (me|us) (take|handle|do|deal with|look at|see to|look into|take care of) {ref}",
    ),
    *each(
        Verb.ASSIGN,
        "(assign|give|hand|pass|reassign|hand over) {ref} [over] to {who}",
        "assign {ref} [to] @{who}",
        "(let|have) {who} (handle|take|do|see to|deal with) {ref}",
    ),
    *each(
        Verb.RECTIFIED,
        "{ref} [<is>] <fixed> [{why}]",
        "(mark|set|flag|record|report|log) {ref} [as|is|to] <fixed> [{why}]",
        "[i|we] [have|'ve] [just] (fixed|rectified|sorted|sorted out|corrected|put right) {ref} [{why}]",
        "[i|we] [have|'ve] (dealt with|taken care of) {ref}",
    ),
    *each(
        Verb.ESCALATE,
        "escalate {ref} [to (my|the|our) <up>] [{why}]",
        "(raise|send|pass|take|move|bump) {ref} [up] to (my|the|our) <up> [{why}]",
        "(raise|move|bump) {ref} up [a level|1 level|one level] [{why}]",
        "{ref} (needs|has|ought|must) [to] [be] (escalated|escalation|escalating) [{why}]",
        "(call|get|tell) (my|the|our) <up> (for|about|on) {ref} [{why}]",
    ),
    *each(
        Verb.CLOSE,
        "<close> {ref} [{why}]",
        "(mark|set|flag|record) {ref} [as|to] closed [{why}]",
        "{ref} (can|may) be (closed|shut) [now] [{why}]",
        "(get|have) {ref} closed [{why}]",
    ),
    *each(
        Verb.ARRIVE,
        "[i|we] [have|'ve|just] (arrived|arrive) [at|for|on] {ref}",
        "[i'm|i am|we're|we are] on [the] (scene|site) [<for>] {ref}",
        "{ref} [i'm|i am|we're|we are] on [the] (scene|site)",
    ),
    *each(
        Verb.ACKNOWLEDGE,
        "(acknowledge|ack|acknowledged|take|accept|confirm|claim) {ref}",
        "(i'll|i will|we'll|we will|i'm going to) (take|handle|do|deal with|look at|see to|look into|take care of) {ref}",
        "(i'm|i am|we're|we are) (on|handling|taking care of|dealing with|looking at|on my way to|on our way to) {ref}",
        "{ref} (i'm|i am|we're|we are) on it",
        "{ref} acknowledged",
        "(got it|roger|copy that|on it|i'm on it)",
    ),
    *each(
        Verb.DISPUTE,
        "[i|we] (dispute|object to|disagree with) {ref} [because|since] {text}",
    ),
    *each(
        Verb.CASE,
        "[what is|what's|tell me|give me|show me|show] [the] (status|state|story|details) of {ref}",
        "what (is|'s) (happening|going on|up|new) (with|at|on) {ref}",
        "what's (happening|going on|up|new) (with|at|on) {ref}",
        "(show|show me|view|look at|tell me about|look up|read) {ref}",
        "how (is|'s) {ref} [doing|going|coming along]",
        "{ref} (status|state|details)",
    ),
    *each(
        Verb.CASES,
        "how many [<things>] [are|is] [there] [still] <open> [<things>] [are there|do we have|have we got|are left]",
        "how many <things> (do we have|are there|have we got) [still] [<open>]",
        "(what|which) [<things>] (is|are) [still] <open>",
        "what's [still] <open>",
        "(list|show|show me|read|tell me|read me) [all] [the|our] <open> <things>",
        "<open> <things>",
    ),
    *each(
        Verb.CASES,
        "how many [<open>] [<things>] [are|is] [there] [still] [<open>] <at> {place}",
        "(what|which) [<things>] (is|are) [still] <open> <at> {place}",
    ),
    *each(
        Verb.CASES,
        "what [has] (happened|'s happened|went on|was going on|is going on|was there|has happened) <at> {place} today",
        "what [has] (happened|went on|was going on) today [<at> {place}]",
        "what (happened|went on) today",
        "(anything|any <things>) [happen|happened|new] <at> {place} today",
        "what (<things>|happened) [was there|were there] <at> {place} today",
        "how many <things> [were there|have there been|did we have] [<at> {place}] today",
        today=True,
    ),
    *each(Verb.UNMUTE, "unmute {camera}", "(lift|end|remove) the mute (on|of|from|at) {camera}"),
    *each(Verb.MUTE, "(mute|silence|quiet) {camera} [for] {span}", "(mute|silence) {camera}"),
    *each(
        Verb.SNAPSHOT,
        "(show|show me|snapshot of|snapshot|picture of|a picture of) {camera}",
        "(take|give me|get|send|send me) a (picture|snapshot|photo) (of|from|at) {camera}",
        "what does {camera} see",
    ),
    *each(Verb.DUTY, "(who is|who's) on duty [today|tonight]"),
    *each(Verb.STATUS, "[what is|what's|the] (site|system|overall) status", "status [report]"),
    *each(Verb.CAMERAS, "(list|show|show me) [the|all] cameras", "how are the cameras"),
    *each(Verb.HANDOVER, "[shift] handover"),
    *each(Verb.HELP, "help", "what can (i|you) (say|do)"),
    *each(
        Verb.SAY,
        "(say|announce|broadcast|speak) (at|on|to|over|through|in) {speaker} {text}",
        "(tell|warn) {speaker} [that|to] {text}",
    ),
    *each(Verb.HAZARD, "(report|i want to report|log) (a|1|another) (hazard|problem) {text}"),
    *each(Verb.SOS, "(emergency|sos|mayday) {text}", "(emergency|sos|mayday)"),
)
