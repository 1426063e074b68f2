# SPDX-License-Identifier: BSD-2-Clause
# usage: awk -f reference.awk VOCABULARY TEMPLATE
# Puts the vocabulary (as tools/vocabulary prints it) into a template: a line with @TABLE@ becomes that table's rows as an mdoc list,
# @words@ all literal words of all rows, @commands@ the names of the commands.

function capital(text) { return toupper(substr(text, 1, 1)) substr(text, 2) }

# A help text as a sentence of mdoc: `word` in quotes, and nothing that troff would take for its own.
function sentence(text,    count, i, parts, line) {
    gsub(/\\/, "\\e", text)
    gsub(/…/, "...", text)
    count = split(capital(text), parts, "`")
    for (i = 1; i <= count; i++) line = line (i == 1 ? "" : i % 2 ? "\\(cq" : "\\(oq") parts[i]
    return line (line ~ /\.$/ ? "" : ".")
}

# One phrase as the head of an mdoc list's item.
function item(syntax,    count, i, words, word, line) {
    gsub(/[][()|]/, " & ", syntax)
    gsub(/ \( s \) /, "(s) ", syntax)
    count = split(syntax, words, " ")
    line = ".It"
    for (i = 1; i <= count; i++) {
        word = words[i]
        if (word == "[") line = line " Oo"
        else if (word == "]") line = line " Oc"
        else if (word ~ /^[(|)]$/) line = line " " word
        else if (word ~ /^[A-Z]+$/) line = line " Ar " word
        else line = line " Ic " word
    }
    return line
}

FNR == NR {
    split($0, field, "\t")
    text = item(field[2]) "\n" sentence(field[5]) "\n"
    count = split(field[3], whats, " ")
    if (count > 0) {
        text = text ".Ar WHAT :\n"
        for (i = 1; i <= count; i++) text = text ".Ic " whats[i] (i < count ? " ,\n" : " .\n")
    }
    if (field[4] != "") text = text sentence("needs: " field[4]) "\n"
    list[field[1]] = list[field[1]] text
    if (field[1] == "commands") names = names " " field[2]
    if (field[1] == "commands" || field[1] == "notices" || field[1] == "fields" || field[1] == "routes" || field[1] == "metrics" || field[1] == "toxics") next
    syntax = field[2]
    gsub(/\(s\)/, "", syntax)
    gsub(/[][()|]/, " ", syntax)
    count = split(syntax, words, " ")
    for (i = 1; i <= count; i++) if (words[i] ~ /^[a-z_]+$/ && !seen[words[i]]++) all = all " " words[i]
    next
}
{
    gsub(/@words@/, substr(all, 2))
    gsub(/@commands@/, substr(names, 2))
}
match($0, /@[a-z]+@/) {
    name = substr($0, RSTART + 1, RLENGTH - 2)
    if (name in list) { printf ".Bl -tag -width Ds\n%s.El\n", list[name]; next }
    else { print FILENAME ": no rows of " name > "/dev/stderr"; failed = 1; exit }
}
{ print }
END { exit failed }
