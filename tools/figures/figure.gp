# A figure of one or more panels, run after the variables that imagrid writes in front:
#   figure         file name without suffix; FIGURE.dat has blocks of (x, y, low, high)
#   title_text     above all panels
#   footer_text    small, in the corner: what was measured, and by which version
#   square         1: panels are as high as wide
#   n_panels, panel_text[p], x_text[p], y_text[p]
#   x_low[p], x_high[p], x_scale[p], y_low[p]...   what the axes show; 'linear', 'log', or 'odds':
#                  logarithmic with marks such as 10 : 1
#   n_series, series[s]    'PANEL KIND BLOCK STYLE DASH'; blocks count from 0, kinds are those of
#                  `layers` below, styles colours and marks from 0, -1 black, -2 grey
#   n_key, key_text[k], n_symbols, symbol[i]   the key: 'KEY KIND STYLE DASH'
# Run it again after a change with: gnuplot FIGURE.gp

# Okabe and Ito: told apart with every kind of colour vision; by marks and dashes without any.
array colour[7] = ['#0072B2', '#D55E00', '#009E73', '#CC79A7', '#E69F00', '#56B4E9', '#000000']
array shape[7] = [7, 5, 9, 11, 13, 15, 3]
array dash_type[6] = ['1', '(10, 6)', '(20, 8)', '3', '4', '5']

set encoding utf8
set border 3 linewidth 1 linecolor rgb '#404040'
set grid xtics ytics linetype 1 linewidth 0.5 linecolor rgb '#e4e4e4'
set tics nomirror out textcolor rgb '#202020'
unset key
set clip two # lines from edge to edge, whose ends may be rounded to lie outside

# Pictures: what this gnuplot can draw. begin(kind, width, height) is a command for eval that starts
# FIGURE.KIND, measured in CSS pixels, and sets the size of points.
has(name) = strstrt(GPVAL_TERMINALS, name) > 0
kinds = 'png svg' . (has('pdfcairo') ? ' pdf' : '')
corner = 18.0
picture_name = ''
do for [k = 1:strlen(figure)] {
    picture_name = picture_name . (figure[k:k] eq '-' ? '_' : figure[k:k])
}
svg(w, h) = sprintf("set terminal svg size %d, %d font 'DejaVu Sans,12' linewidth 1.2 \
    background 'white' name '%s'; size = 0.6", w, h, picture_name)
# Two pixels for one here.
png(w, h) = has('pngcairo') ? \
    sprintf("set terminal pngcairo size %d, %d font 'DejaVu Sans,12' fontscale 2 linewidth 2.4 \
    pointscale 2.4; size = 0.55", 2 * w, 2 * h) : \
    sprintf("set terminal png size %d, %d font 'DejaVuSans,20' linewidth 2; size = 1.5", \
    2 * w, 2 * h)
# 96 pixels an inch; 12 pixels are 9 points.
pdf(w, h) = sprintf("set terminal pdfcairo size %.4gin, %.4gin font 'DejaVu Sans,12' \
    fontscale 0.75 linewidth 1.6 pointscale 0.9; size = 0.55", w / 96.0, h / 96.0)
# The plot moves up, so that the corner is free.
begin(kind, w, h) = (kind eq 'svg' ? svg(w, h) : kind eq 'pdf' ? pdf(w, h) : png(w, h)) . \
    sprintf("; set pointsize size; set output '%s.%s'; set size 1, %.6f; set origin 0, %.6f", \
    figure, kind, 1 - corner / h, corner / h) . \
    sprintf("; set label 999 footer_text at screen 1, screen %.6f right offset character -1, 0 \
    front noenhanced font ',8' textcolor rgb '#808080'", 9.0 / h)

# Series.
data = figure . '.dat'
layers = 'band line steps points bars diamond optimum'
# SVG pictures take over the dashes of a neighbour of the same colour and width: every pattern has a
# width of its own, if only by a hair.
thick(kind, style, d) = (kind eq 'steps' || (style == -1 && d == 0) ? 1.6 : 1.2) + 0.02 * d
# A colour comes back with another mark.
ink(style) = style < 0 ? (style == -1 ? '#000000' : '#606060') : colour[style % 7 + 1]
shade(style) = style < 0 ? '#808080' : ink(style)
stroke_of(kind, style, d) = sprintf("dashtype %s linewidth %g linecolor rgb '%s'", \
    dash_type[d + 1], thick(kind, style, d), ink(style))
mark_of(kind, style) = kind eq 'optimum' ? sprintf("pointtype 6 pointsize %g linewidth 1.4 \
    linecolor rgb '%s'", 2.2 * size, ink(style)) : \
    sprintf("pointtype %d pointsize %g linewidth %g linecolor rgb '%s'", \
    kind eq 'diamond' ? 12 : style < 0 ? 7 : shape[(style + style / 7) % 7 + 1], \
    style == -1 ? 1.4 * size : size, \
    kind eq 'diamond' ? 1.4 : 1, ink(style))
# How block b is drawn.
draw(kind, b, style, d) = sprintf('data index %d using ', b) . ( \
    kind eq 'band' ? sprintf("1:3:4 with filledcurves fillcolor rgb '%s' fillstyle transparent \
        solid %g noborder", shade(style), style < 0 ? 0.25 : 0.18) : \
    kind eq 'line' || kind eq 'steps' ? \
        sprintf('1:2 with %ss %s', kind eq 'line' ? 'line' : 'step', stroke_of(kind, style, d)) : \
    kind eq 'bars' ? '1:2:3:4 with yerrorbars ' . mark_of(kind, style) : \
    '1:2 with points ' . mark_of(kind, style)) . ' notitle'

# Steps of 1, 2 or 5 times a power of ten.
power(r) = 10.0**floor(log10(r))
step_of(r) = r / power(r) < 2 ? power(r) : r / power(r) < 5 ? 2 * power(r) : 5 * power(r)
is_powers(low, high, scale) = scale eq 'log' && log10(1.0 * high / low) > 3.2

# Marks of each panel's axes, those of linear axes and powers of ten only to know how long they are:
# on a logarithmic axis of few decades 1, 2 and 5 times the powers, within a single one even steps.
# Numbers and texts go through eval: gnuplot 5.4 does not take '1e-06' for a number.
array x_marks[n_panels]
array y_marks[n_panels]
# What panels have in common stands once.
one_x = 1
one_y = 1
titled = 0
digits = 3
do for [p = 1:n_panels] {
    one_x = one_x && x_text[p] eq x_text[1]
    one_y = one_y && y_text[p] eq y_text[1]
    titled = titled || panel_text[p] ne ''
    do for [a in 'x y'] {
        # Whole numbers would be divided as such.
        low = real(a eq 'x' ? x_low[p] : y_low[p])
        high = real(a eq 'x' ? x_high[p] : y_high[p])
        linear = (a eq 'x' ? x_scale[p] : y_scale[p]) eq 'linear'
        list = ''
        if (!linear && log10(high / low) > 0.9) {
            do for [k = floor(log10(low)) : ceil(log10(high))] {
                do for [m in '1 2 5'] {
                    v = m * 10.0**k
                    if (v >= low && v <= high) { list = list . sprintf(' %.15g', v) }
                }
            }
        } else {
            step = step_of((high - low) / (linear ? 4 : 3))
            do for [k = ceil(low / step) : floor(high / step)] {
                list = list . sprintf(' %.15g', k * step)
            }
        }
        if (a eq 'x') { x_marks[p] = list } else { y_marks[p] = list }
    }
    if (is_powers(y_low[p], y_high[p], y_scale[p])) {
        digits = digits < 4 ? 4 : digits
    } else {
        do for [v in y_marks[p]] {
            eval sprintf("n = strlen(sprintf('%%g', %s))", v)
            digits = n > digits ? n : digits
        }
    }
}
columns = n_panels < 4 ? n_panels : n_panels == 4 ? 2 : n_panels < 7 || n_panels == 9 ? 3 : 4
rows = (n_panels + columns - 1) / columns
array panel_width[4] = [square ? 560 : 700, 440, 370, 325]

# The key has a part of its own below, where it can hide no data.
longest = 20
do for [k = 1:n_key] { longest = strlen(key_text[k]) > longest ? strlen(key_text[k]) : longest }
entry = 8.2 * longest + 84
width = 70.0 + columns * panel_width[columns]
width = width < entry + 90 ? entry + 90 : width
width = width < 10.0 * strlen(title_text) + 40 ? 10.0 * strlen(title_text) + 40 : width
key_columns = floor((width - 90) / entry)
key_columns = key_columns < 1 || n_key < 4 ? 1 : key_columns > 3 ? 3 : key_columns
key_rows = (n_key + key_columns - 1) / key_columns
key_height = 22.0 * key_rows + (n_key > 0 ? 12 : 0) + corner
key_x(e, dx) = (76 + ((e - 1) / key_rows) * entry + dx) / width
key_y(e, dy) = (key_height - 6 - 22.0 * ((e - 1) % key_rows + 0.5) + dy) / height

# Places in pixels: `head` for the title; around the plot of a panel, whose right edge leaves half a
# mark's number.
head = title_text eq '' ? 10 : 46
above = titled ? 34 : 10
below = one_x ? 36 : 58
left = 34
inset = 8 * digits + (one_y ? 22 : 46)
beside = 22
cell = (width - left) / columns
panel_height = square ? cell - inset - beside + above + below : \
    (n_panels == 1 ? 430 : columns == 4 ? 280 : 315) + (one_x ? 0 : 22)
foot = one_x ? 30 : 6
height = head + rows * panel_height + foot + key_height
left_of(p) = (left + ((p - 1) % columns) * cell + inset) / width
right_of(p) = (left + ((p - 1) % columns + 1) * cell - beside) / width
top_of(p) = 1 - (head + ((p - 1) / columns) * panel_height + above) / height
bottom_of(p) = 1 - (head + ((p - 1) / columns + 1) * panel_height - below) / height

# Commands that set axis a of a panel.
set_axis(a, low, high, scale) = sprintf('unset logscale %s; set %srange [%.15g:%.15g] noextend; ', \
        a, a, low, high) . \
    (scale eq 'linear' ? sprintf("set format %s '%%g'; set %stics autofreq; unset m%stics", a, a, a) : \
    sprintf('set logscale %s 10; ', a) . (is_powers(low, high, scale) ? \
        sprintf("set format %s '10^{%%L}'; set %stics autofreq; set m%stics 10", a, a, a) : \
        sprintf("set format %s '%%g'; set %stics (); set m%stics 1", a, a, a)))
odds(k) = k < 0 ? sprintf('1 : %.0f', 10.0**-k) : sprintf('%.0f : 1', 10.0**k)

do for [kind in kinds] {
    eval begin(kind, width, height)
    size = 1.25 * size
    unset title
    set multiplot title title_text noenhanced font ',14'
    if (one_y) {
        set label 1 y_text[1] at screen 14.0 / width, \
            screen 1 - (head + rows * panel_height / 2.0) / height center rotate noenhanced
    }
    if (one_x) {
        set label 2 x_text[1] at screen 0.5 * (left_of(1) + right_of(columns)), \
            screen (key_height + 14) / height center noenhanced
    }

    # Drawn by hand: gnuplot's own key breaks into columns as it likes.
    do for [i = 1:n_symbols] {
        e = int(word(symbol[i], 1))
        what = word(symbol[i], 2)
        style = int(word(symbol[i], 3))
        d = int(word(symbol[i], 4))
        if (what eq 'band') {
            eval sprintf("set object rectangle from screen key_x(e, 0), screen key_y(e, -5) to \
                screen key_x(e, 42), screen key_y(e, 5) fillcolor rgb '%s' fillstyle \
                transparent solid %g noborder", shade(style), style < 0 ? 0.3 : 0.25)
        }
        if (what eq 'line' || what eq 'steps') {
            eval 'set arrow from screen key_x(e, 0), screen key_y(e, 0) to \
                screen key_x(e, 42), screen key_y(e, 0) nohead ' . stroke_of(what, style, d)
        }
        if (what eq 'bars') {
            eval sprintf("set arrow from screen key_x(e, 21), screen key_y(e, -7) to \
                screen key_x(e, 21), screen key_y(e, 7) heads size screen 4.0 / width, 90 \
                linewidth 1 linecolor rgb '%s'", ink(style))
        }
        if (what eq 'points' || what eq 'diamond' || what eq 'optimum' || \
            (what eq 'bars' && style >= 0)) {
            eval "set label '' at screen key_x(e, 21), screen key_y(e, 0) point " . \
                mark_of(what, style)
        }
    }
    do for [e = 1:n_key] {
        set label key_text[e] at screen key_x(e, 52), screen key_y(e, 0) left noenhanced
    }

    do for [p = 1:n_panels] {
        set lmargin at screen left_of(p)
        set rmargin at screen right_of(p)
        set tmargin at screen top_of(p)
        set bmargin at screen bottom_of(p)
        set title panel_text[p] noenhanced font ',12' offset 0, -0.6
        if (!one_x) { set xlabel x_text[p] noenhanced }
        if (!one_y) { set ylabel y_text[p] noenhanced }
        do for [a in 'x y'] {
            low = a eq 'x' ? x_low[p] : y_low[p]
            high = a eq 'x' ? x_high[p] : y_high[p]
            scale = a eq 'x' ? x_scale[p] : y_scale[p]
            eval set_axis(a, low, high, scale)
            if (scale eq 'odds') {
                do for [k = -12:12] { eval sprintf("set %stics add (odds(k) 10.0**k)", a) }
            }
            if (scale eq 'log' && !is_powers(low, high, scale)) {
                do for [v in a eq 'x' ? x_marks[p] : y_marks[p]] {
                    eval sprintf("set %stics add (sprintf('%%g', %s) %s)", a, v, v)
                }
            }
        }
        command = ''
        do for [layer in layers] {
            do for [s = 1:n_series] {
                if (word(series[s], 1) == p && word(series[s], 2) eq layer) {
                    command = command . (command eq '' ? '' : ', ') . draw(layer, \
                        int(word(series[s], 3)), int(word(series[s], 4)), int(word(series[s], 5)))
                }
            }
        }
        eval 'plot ' . (command eq '' ? 'NaN notitle' : command)
        unset label
        unset arrow
        unset object
    }
    unset multiplot
    unset output
}
