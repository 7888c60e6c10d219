import { endInherited } from './attempts/inherited.ts';
import { findRefusal } from './refusals/check-event.ts';
import { declareEmergency, endEmergency } from './emergencies/declare-emergency.ts';
import { dispatch } from './queues/dispatch.ts';
import type { FarmEffect } from './effect.ts';
import { endFoundBuild, endUnreadableBuild, withdrawBuild } from './graph/end-build.ts';
import { makeWay } from './emergencies/make-way.ts';
import type { FarmEvent, FarmSettings } from './event.ts';
import { createFarmState } from './farm-state.ts';
import type { FarmState } from './farm-state.ts';
import { holdHost, releaseHost } from './builders/host-hold.ts';
import { attemptNumber } from './identity.ts';
import type { AttemptNumber, Instant } from './identity.ts';
import { seeJobset } from './queues/jobset.ts';
import { dropUnneeded, inheritAttempts } from './attempts/inherit.ts';
import { joinBuilder, leaveBuilder, noteHealth } from './builders/membership.ts';
import { pardonHost } from './builders/builder-fault.ts';
import { checkPromises } from './promises/promises.ts';
import { changePlacement } from './placement/change-placement.ts';
import { placementPolicy } from './placement/policy.ts';
import { takeNeeds } from './prediction/package-needs.ts';
import { takeHistory } from './prediction/history.ts';
import { queueBuilds, reprioritise } from './graph/queue-builds.ts';
import { awaitBuilder, rejoinBuilder } from './attempts/rejoin.ts';
import { refuse } from './refusals/refusal.ts';
import {
  noteBegun,
  receiveDispatchFailure,
  receiveFailure,
  receiveFound,
  receiveSuccess,
  receiveUndelivered,
} from './attempts/report.ts';
import { resolveStep } from './graph/resolve.ts';
import { changeSelection } from './selection/change-selection.ts';
import { selectionPolicy } from './selection/policies.ts';
import { listen } from './builders/silence.ts';
import { failUnfolding, takeProduced } from './graph/unfold.ts';
import { dropPastEmergencies, rememberOrders } from './standing-orders.ts';
import { watchSupport } from './builders/support.ts';
import { createSurvey } from './explain/survey.ts';
import type { FarmSurvey } from './explain/survey.ts';
import { handleDue, moveTime, wishToWake } from './time.ts';
import { createView } from './view.ts';
import type { FarmView } from './view.ts';

/** The one place where the farm's truth lives. */
export interface Farm {
  /** Same events, same order, same times: same effects. An event that makes no sense is refused. */
  apply(event: FarmEvent, now: Instant): readonly FarmEffect[];
  /** What is going on, to be looked at between events. */
  readonly view: FarmView;
  /** Everything, for lists and statistics. */
  readonly survey: FarmSurvey;
  /** Names each promise that is broken; looks at everything, so only now and then. */
  checkPromises(): readonly string[];
}

/**
 * An empty farm. Attempts are numbered from `firstAttempt`: a farm that follows another one after a restart must begin
 * above all numbers that builders may still speak of.
 */
export function createFarm(
  settings: FarmSettings,
  firstAttempt: AttemptNumber = attemptNumber(1),
): Farm {
  const farm = createFarmState(settings, firstAttempt);
  return {
    apply: (event, now) => apply(farm, event, now),
    view: createView(farm),
    survey: createSurvey(farm),
    checkPromises: () => checkPromises(farm),
  };
}

function apply(farm: FarmState, event: FarmEvent, now: Instant): readonly FarmEffect[] {
  farm.effects = [];
  moveTime(farm, now);
  const refusal = findRefusal(farm, event);
  if (refusal === null) takeIn(farm, event);
  else refuse(farm, refusal);
  handleDue(farm);
  dispatch(farm);
  makeWay(farm, dispatch);
  wishToWake(farm);
  return farm.effects;
}

function takeIn(farm: FarmState, event: FarmEvent): void {
  switch (event.type) {
    case 'jobset-seen':
      return seeJobset(farm, event);
    case 'builds-queued':
      return queueBuilds(farm, event.builds, event.steps);
    case 'build-found-built':
      return endFoundBuild(farm, event.build, event.result);
    case 'build-unreadable':
      return endUnreadableBuild(farm, event.build);
    case 'build-reprioritised':
      return reprioritise(farm, event.build, event.globalPriority);
    case 'build-withdrawn':
      return withdrawBuild(farm, event.build);
    case 'builder-joined':
      return joinBuilder(farm, event.builder, event.facts);
    case 'builder-pinged':
      return noteHealth(farm, event.builder, event.health);
    case 'builder-left':
      return leaveBuilder(farm, event.builder);
    case 'builder-away':
      return awaitBuilder(farm, event.builder, event.until);
    case 'builder-rejoined':
      return rejoinBuilder(farm, event.builder, event.facts, event.held);
    case 'orders-remembered':
      return rememberOrders(farm, event.orders);
    case 'attempts-inherited':
      return inheritAttempts(farm, event.attempts, event.until);
    case 'queue-read':
      dropPastEmergencies(farm);
      return dropUnneeded(farm);
    case 'inherited-ended':
      return endInherited(farm, event.attempt, event.derivation);
    case 'attempt-begun':
      return noteBegun(farm, event.attempt);
    case 'attempt-undelivered':
      return receiveUndelivered(farm, event.attempt);
    case 'dispatch-failed':
      return receiveDispatchFailure(farm, event);
    case 'attempt-succeeded':
      return receiveSuccess(farm, event);
    case 'attempt-failed':
      return receiveFailure(farm, event);
    case 'step-found-built':
      return receiveFound(farm, event);
    case 'history-told':
      takeNeeds(farm, event.needs ?? []);
      return takeHistory(farm, event.uses);
    case 'step-resolved':
      return resolveStep(farm, event.resolved);
    case 'step-unfolded':
      return takeProduced(farm, event.produced);
    case 'unfolding-failed':
      return failUnfolding(farm, event.derivation, event.message);
    case 'emergency-declared':
      farm.effects.push({ type: 'keep-emergency', emergency: event.emergency });
      return declareEmergency(farm, event.emergency);
    case 'emergency-ended':
      return endEmergency(farm, event.subject);
    case 'host-held':
      return holdHost(farm, event);
    case 'host-released':
      return releaseHost(farm, event.hostname);
    case 'host-pardoned':
      return pardonHost(farm, event.hostname);
    case 'time-came':
      farm.wish = undefined;
      return undefined;
    case 'settings-changed':
      return changeSettings(farm, event.settings);
  }
}

function changeSettings(farm: FarmState, settings: FarmSettings): void {
  farm.settings = settings;
  changeSelection(farm, selectionPolicy(settings.selection));
  changePlacement(farm, placementPolicy(settings.machineOrder, settings.capacity));
  for (const queue of farm.queues.values()) watchSupport(farm, queue);
  for (const builder of farm.builders.values()) listen(farm, builder);
}
