#include "modules/option_table.hpp"

#include "config/validate.hpp"

namespace cardea {
namespace {

Json table_json(const config::ParamTable& table) {
    auto list = Json::array();
    for (std::size_t i = 0; i < table.size(); ++i) {
        const auto param = table.at(i);
        Json entry{{"name", param.name},       {"type", param.type},       {"flags", param.flags},
                   {"element", param.element_type}, {"minimum", param.minimum}, {"maximum", param.maximum}};
        if (param.fallback != nullptr) entry.set("fallback", param.fallback);
        if (param.help != nullptr) entry.set("help", param.help);
        if (param.values != nullptr) {
            auto values = Json::array();
            for (const char* const* value = param.values; *value != nullptr; ++value) values.push(*value);
            entry.set("values", values);
        }
        if (param.field_count != 0) entry.set("fields", table_json(table.fields_of(param)));
        list.push(entry);
    }
    return list;
}

}  // namespace

Json option_table_json(const cardea_params& options) { return table_json(config::ParamTable{options}); }

OptionTable::OptionTable(const Json& table) {
    const auto& list = build(table);
    params_ = {sizeof(cardea_params), sizeof(cardea_param), static_cast<std::uint32_t>(list.size()), 0, list.data()};
}

const char* OptionTable::keep(const Json& text) {
    return text.is_string() ? texts_.emplace_back(text.text()).c_str() : nullptr;
}

const std::vector<cardea_param>& OptionTable::build(const Json& table) {
    std::vector<cardea_param> list;
    table.for_each([&](const Json& entry) {
        cardea_param param{};
        param.struct_size = sizeof(cardea_param);
        param.type = static_cast<std::uint32_t>(entry["type"].integer());
        param.flags = static_cast<std::uint32_t>(entry["flags"].integer());
        param.element_type = static_cast<std::uint32_t>(entry["element"].integer());
        param.minimum = entry["minimum"].integer();
        param.maximum = entry["maximum"].integer();
        param.name = keep(entry["name"]);
        param.fallback = keep(entry["fallback"]);
        param.help = keep(entry["help"]);
        if (const auto values = entry["values"]) {
            auto& kept = lists_.emplace_back();
            values.for_each([&](const Json& value) { kept.push_back(keep(value)); });
            kept.push_back(nullptr);
            param.values = kept.data();
        }
        if (const auto fields = entry["fields"]) {
            const auto& kept = build(fields);
            param.fields = kept.data();
            param.field_count = static_cast<std::uint32_t>(kept.size());
        }
        if (param.name != nullptr) list.push_back(param);
    });
    return tables_.emplace_back(std::move(list));
}

}  // namespace cardea
