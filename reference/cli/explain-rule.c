// SPDX-License-Identifier: MIT
// Rules of the gate.
#include <stdio.h>

#include "cli/explain.h"
#include "conformance/gate/rules.h"

static bool explain(const char *word)
{
    const struct vw_gate_rule *rule = vw_gate_rule_find(word);
    if (!rule)
        return false;
    printf("%s: %s\n  class: %s\n  hurts: %s\n  %s\n", rule->code, rule->title,
           vw_gate_class_name(rule->class), vw_gate_whom_text(rule->whom), rule->meaning);
    return true;
}

static void offer(struct vw_near *near)
{
    for (size_t i = 0; i < vw_gate_rule_count; i++)
        vw_near_offer(near, vw_gate_rules[i].code);
}

static void list(void)
{
    for (size_t i = 0; i < vw_gate_rule_count; i++)
        printf("%s\t%s\n", vw_gate_rules[i].code, vw_gate_rules[i].title);
}

const struct vw_explained vw_explained_rules = {"rules", explain, offer, list};
