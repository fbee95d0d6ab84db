//! What a machine does, as a static table.

use fantasm_spec::{Countdown, FanIn, Integer, LogLevel, Logging, Machine, RetryPolicy, Spec, State, Transition};
use proc_macro2::{Literal, TokenStream};
use quote::quote;

use super::constant;

/// The table as an expression; what it does not say is as the runtime has it by default.
pub(super) fn descriptor(spec: &Spec, machine: &Machine) -> TokenStream {
    let name = machine.name.as_str();
    let states = machine.states.iter().map(state);
    let initial = Literal::usize_unsuffixed(machine.initial.index());
    let queue = queue(&machine.queue);
    let retry = retry(&machine.retry);
    let log = matches!(machine.logging, Logging::Persistent).then(|| log(machine.log_level));
    let renamed = renamed_from(machine.renamed_from.iter().map(|name| name.as_str()));
    let target = target(machine.target.as_deref());
    let history = (!machine.has_history).then(|| quote!(.without_history()));
    let on_finish = machine.on_finish.map(|next| on_finish(&spec[next]));
    quote! {
        MachineDescriptor::new(#name, &[#(#states),*])
            .initial(#initial) #queue #target #retry #history #log #on_finish #renamed
    }
}

/// The start of another machine.
fn on_finish(next: &Machine) -> TokenStream {
    let (name, initial, queue) = (next.name.as_str(), next[next.initial].name.as_str(), &next.queue);
    let target = target(next.target.as_deref());
    quote!(.on_finish(OnFinish::new(#name, #initial, #queue) #target))
}

/// An empty label is nobody's: it is how a transition says that its machine's is not for it.
fn target(label: Option<&str>) -> Option<TokenStream> {
    label.filter(|label| !label.is_empty()).map(|label| quote!(.target(#label)))
}

/// Lines are stored, from a level on where the author names one.
fn log(level: Option<LogLevel>) -> TokenStream {
    let level = match level {
        None | Some(LogLevel::Debug) => return quote!(.with_log()),
        Some(LogLevel::Info) => quote!(Info),
        Some(LogLevel::Warning) => quote!(Warning),
        Some(_) => quote!(Error),
    };
    quote!(.with_log_from(LogLevel::#level))
}

fn renamed_from<'a>(names: impl Iterator<Item = &'a str>) -> Option<TokenStream> {
    let names = names.collect::<Vec<_>>();
    (!names.is_empty()).then(|| quote!(.renamed_from(&[#(#names),*])))
}

fn state(state: &State) -> TokenStream {
    let name = state.name.as_str();
    let is_final = state.is_final.then(|| quote!(.final_state()));
    let continuation = state.is_continuation.then(|| quote!(.continuation()));
    let exit = state.exit.is_some().then(|| quote!(.exit()));
    let fan_in = state.fan_in.as_ref().map(fan_in);
    let countdown = state.continuation_countdown.as_u32();
    let countdown = (countdown != 0).then(|| {
        let seconds = number(state.continuation_countdown);
        quote!(.continuation_countdown(#seconds))
    });
    let timeout = state.timeout_seconds.map(|seconds| {
        let seconds = number(seconds);
        quote!(.timeout(#seconds))
    });
    let on_failure = state.on_failure.map(|state| {
        let state = Literal::usize_unsuffixed(state.index());
        quote!(.on_failure(#state))
    });
    let retried_from = state.is_retried_from.then(|| quote!(.retried_from()));
    let renamed = renamed_from(state.renamed_from.iter().map(|name| name.as_str()));
    let transitions = state.transitions.iter().map(|item| transition(state, item)).collect::<Vec<_>>();
    let transitions = (!transitions.is_empty()).then(|| quote!(.transitions(&[#(#transitions),*])));
    quote! {
        StateDescriptor::new(#name)
            #is_final #continuation #countdown #exit #fan_in #timeout #on_failure #retried_from #renamed #transitions
    }
}

fn fan_in(fan_in: &FanIn) -> TokenStream {
    let group = match &fan_in.group {
        Some(group) => {
            let group = group.as_str();
            quote!(::std::option::Option::Some(#group))
        }
        None => quote!(::std::option::Option::None),
    };
    let period = number(fan_in.period_seconds);
    match fan_in.max_contexts.map(number) {
        _ if fan_in.gathers_all => quote!(.fan_in_all(#group)),
        Some(max) => quote!(.fan_in_max(#period, #max, #group)),
        None => quote!(.fan_in(#period, #group)),
    }
}

fn transition(state: &State, transition: &Transition) -> TokenStream {
    let event = constant::event_name(state, transition, &quote!(super::));
    let to = Literal::usize_unsuffixed(transition.to.index());
    let queue = queue(&transition.queue);
    let target = target(transition.target.as_deref());
    let countdown = countdown(transition.countdown);
    let retry = retry(&transition.retry);
    let renamed = renamed_from(transition.renamed_from.iter().map(|name| name.as_str()));
    quote!(TransitionDescriptor::new(#event, #to) #renamed #queue #target #countdown #retry)
}

fn queue(queue: &str) -> Option<TokenStream> {
    (queue != "default").then(|| quote!(.queue(#queue)))
}

fn countdown(countdown: Countdown) -> Option<TokenStream> {
    let countdown = match countdown {
        Countdown::Between { minimum, maximum } => {
            let (minimum, maximum) = (number(minimum), number(maximum));
            quote!(Countdown::Between { minimum: #minimum, maximum: #maximum })
        }
        Countdown::Fixed(seconds) if seconds.as_u32() == 0 => return None,
        Countdown::Fixed(seconds) => {
            let seconds = number(seconds);
            quote!(Countdown::Fixed(::std::time::Duration::from_secs(#seconds)))
        }
        _ => return None,
    };
    Some(quote!(.countdown(#countdown)))
}

fn retry(policy: &RetryPolicy) -> Option<TokenStream> {
    let parts = [
        (policy.task_retry_limit, quote!(limit)),
        (policy.task_age_limit, quote!(age_limit)),
        (policy.min_backoff_seconds, quote!(min_backoff)),
        (policy.max_backoff_seconds, quote!(max_backoff)),
        (policy.max_doublings, quote!(max_doublings)),
    ];
    let calls = parts.iter().filter_map(|(value, method)| {
        let value = number((*value)?);
        Some(quote!(.#method(#value)))
    });
    let calls = calls.collect::<Vec<_>>();
    (!calls.is_empty()).then(|| quote!(.retry(RetryPolicy::new() #(#calls)*)))
}

fn number(number: Integer) -> Literal {
    Literal::u32_unsuffixed(number.as_u32())
}
