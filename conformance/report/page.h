// SPDX-License-Identifier: MIT
// What is the same in each HTML report: page.css and page.js, as the build takes them
// (make-page.py).
#pragma once

extern const char vw_page_style[];
extern const char vw_page_script[];
extern const char vw_page_policy[]; /* by which a browser uses these, and nothing else */
