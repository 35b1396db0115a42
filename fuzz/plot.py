# SPDX-License-Identifier: MIT
"""plot.tsv of a campaign as a picture: edges and files of the corpus over time, and a mark where findings came."""
import html

WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM = 720, 360, 70, 70, 40, 40
STYLE = ("text{font:12px sans-serif;fill:#555}path{fill:none;stroke-width:2}.edges{stroke:#1f77b4}.corpus{stroke:#e67e22}"
         ".found{stroke:#c0392b;stroke-width:1;stroke-dasharray:4 3}.grid{stroke:#ccc;stroke-width:1}.e{fill:#1f77b4}.c{fill:#e67e22}")


def read(path):
    """[(seconds, edges, corpus, findings)]; a campaign that went on goes on here too."""
    rows, before, last = [], 0, 0
    with open(path, encoding="utf-8") as f:
        for line in f:
            cells = line.split("\t")
            if len(cells) != 5 or not line.endswith("\n") or not all(c.strip().isdigit() for c in cells):
                continue  # the head, and a line that was cut
            seconds, _, edges, corpus, findings = map(int, cells)
            before += last if seconds < last else 0
            last = seconds
            rows.append((before + seconds, edges, corpus, findings))
    return rows


def steps(most):
    """Up to six round numbers from 0 to MOST."""
    size = 1
    while most / size > 5:
        size *= 2.5 if str(size)[0] == "2" else 2
    return [int(i * size) for i in range(int(most / size) + 1)]


def curve(rows, column, x, most, name):
    points = [f"{x(row[0]):.1f} {HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * row[column] / most:.1f}" for row in rows]
    return f'<path class="{name}" d="M{" L".join(points)}"/>'


def draw(path, title):
    """The picture as SVG."""
    rows = read(path) or [(0, 0, 0, 0)]
    long, edges, corpus = (max(1, max(row[i] for row in rows)) for i in range(3))

    def x(seconds):
        return LEFT + (WIDTH - LEFT - RIGHT) * seconds / long

    out = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}"><style>{STYLE}</style>',
           f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#fff"/><text x="{LEFT}" y="20">{html.escape(title)}: '
           '<tspan class="e">edges (left)</tspan>, <tspan class="c">corpus (right)</tspan>, findings (marks)</text>']
    for value, most, place, anchor in [(v, edges, LEFT - 6, "end") for v in steps(edges)] + [(v, corpus, WIDTH - RIGHT + 6, "start") for v in steps(corpus)]:
        y = HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * value / most
        if anchor == "end":
            out.append(f'<path class="grid" d="M{LEFT} {y:.1f} H{WIDTH - RIGHT}"/>')
        out.append(f'<text x="{place}" y="{y + 4:.1f}" text-anchor="{anchor}">{value:,}</text>')
    out += [f'<text x="{x(s):.1f}" y="{HEIGHT - BOTTOM + 20}" text-anchor="middle">{s:,} s</text>' for s in steps(long)]
    found = 0
    for seconds, _, _, findings in rows:
        if findings > found:
            out.append(f'<path class="found" d="M{x(seconds):.1f} {TOP} V{HEIGHT - BOTTOM}"><title>{findings} after {seconds} s</title></path>')
        found = max(found, findings)
    return "\n".join([*out, curve(rows, 1, x, edges, "edges"), curve(rows, 2, x, corpus, "corpus"), "</svg>\n"])
