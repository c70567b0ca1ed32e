#include "app/completion.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <vector>

#include "base/error.h"
#include "scenario/text.h"

namespace invado {
namespace {

struct Word {
  std::string text, meaning;
  bool is_option = false;
};

// A command by the words that lead to it (" sweep run"; nothing for the program itself), and what may follow.
struct Command {
  std::string path;
  std::vector<Word> words;
};

void list_commands(const CLI::App& app, const std::string& path, std::vector<Command>& commands) {
  Command command{path, {}};
  const auto all = [](const CLI::App*) { return true; };
  for (const CLI::App* sub : app.get_subcommands(all))
    if (!sub->get_group().empty()) command.words.push_back({sub->get_name(), sub->get_description()});
  for (const CLI::Option* option : app.get_options())
    for (const std::string& name : option->get_lnames()) command.words.push_back({name, option->get_description(), true});
  commands.push_back(std::move(command));
  for (const CLI::App* sub : app.get_subcommands(all))
    if (!sub->get_group().empty()) list_commands(*sub, path + " " + sub->get_name(), commands);
}

std::string list_of(const Command& command) {
  std::vector<std::string> words;
  for (const Word& word : command.words) words.push_back((word.is_option ? "--" : "") + word.text);
  return fmt::format("{}", fmt::join(words, " "));
}

// The patterns of a `case` for all commands below the program.
std::string paths_of(const std::vector<Command>& commands) {
  std::vector<std::string> paths;
  for (const Command& command : commands)
    if (!command.path.empty()) paths.push_back('"' + command.path + '"');
  return fmt::format("{}", fmt::join(paths, " | "));
}

std::string for_bash(const std::vector<Command>& commands) {
  std::string text = fmt::format(
      "# bash: made by `invado completion bash`\n"
      "_invado() {{\n"
      "  local at= words= i\n"
      "  for ((i = 1; i < COMP_CWORD; i++)); do\n"
      "    case \"$at ${{COMP_WORDS[i]}}\" in {}) at+=\" ${{COMP_WORDS[i]}}\" ;; esac\n"
      "  done\n"
      "  case \"$at\" in\n",
      paths_of(commands));
  for (const Command& command : commands)
    text += fmt::format("    \"{}\") words=\"{}\" ;;\n", command.path, list_of(command));
  return text +
         "  esac\n"
         "  COMPREPLY=($(compgen -W \"$words\" -- \"${COMP_WORDS[COMP_CWORD]}\"))\n"
         "}\n"
         "complete -o bashdefault -o default -F _invado invado\n";
}

std::string for_zsh(const std::vector<Command>& commands) {
  std::string text = fmt::format(
      "#compdef invado\n"
      "# zsh: made by `invado completion zsh`\n"
      "local at= i\n"
      "for ((i = 2; i < CURRENT; i++)); do\n"
      "  case \"$at $words[i]\" in {}) at+=\" $words[i]\" ;; esac\n"
      "done\n"
      "case \"$at\" in\n",
      paths_of(commands));
  for (const Command& command : commands)
    text += fmt::format("  \"{}\") compadd -- {} ;;\n", command.path, list_of(command));
  return text + "esac\n_files\n";
}

std::string for_fish(const std::vector<Command>& commands) {
  std::string text = "# fish: made by `invado completion fish`\n";
  for (const Command& command : commands) {
    // What stands behind the program so far: this command, and its words; of a command with commands only itself.
    const bool has_commands = std::ranges::any_of(command.words, [](const Word& word) { return !word.is_option; });
    const std::string condition =
        command.path.empty() ? "__fish_use_subcommand"
                             : fmt::format("string match -qr '^{}{}' -- (string join ' ' (commandline -opc)[2..-1])",
                                           command.path.substr(1), has_commands ? "$" : "( |$)");
    for (const Word& word : command.words) {
      std::string meaning;
      for (const char c : word.meaning) meaning += c == '\'' || c == '\\' ? std::string("\\") + c : std::string(1, c);
      text += fmt::format("complete -c invado -n \"{}\" {} {} -d '{}'\n", condition, word.is_option ? "-l" : "-a", word.text,
                          meaning);
    }
  }
  return text;
}

}  // namespace

std::string completion_script(const CLI::App& app, const std::string& shell) {
  std::vector<Command> commands;
  list_commands(app, "", commands);
  if (shell == "bash") return for_bash(commands);
  if (shell == "zsh") return for_zsh(commands);
  if (shell == "fish") return for_fish(commands);
  throw Error(Exit::Usage, "completion: " + explain("no such shell", shell, "bash, zsh, fish"));
}

}  // namespace invado
